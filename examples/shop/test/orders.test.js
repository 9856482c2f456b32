import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCart, setQuantity } from '../src/carts.js';
import { findProduct } from '../src/catalogue.js';
import { cancelOrder, findOrder, placeOrder } from '../src/orders.js';
import { openShop } from './open-shop.js';

/**
 * @param {import('node:sqlite').DatabaseSync} db
 * @param {string} sku
 * @param {number} quantity
 */
function fillCart(db, sku, quantity) {
  const { id } = createCart(db);
  setQuantity(db, id, sku, quantity);
  return id;
}

test('places an order and takes its items out of stock', () => {
  const db = openShop();
  const order = placeOrder(db, { cart: fillCart(db, 'sextant', 2), email: 'ada@shop.example' });
  assert.equal(order.totalCents, 2 * 89900);
  assert.equal(findProduct(db, 'sextant').stock, 1);
  assert.deepEqual(findOrder(db, order.id), order);
});

test('places nothing when one item is out of stock', () => {
  const db = openShop();
  const cart = fillCart(db, 'sextant', 4);
  setQuantity(db, cart, 'bell', 1);
  assert.throws(() => placeOrder(db, { cart, email: 'ada@shop.example' }), { status: 409 });
  assert.equal(findProduct(db, 'bell').stock, 1_000_000);
});

test('orders a cart once', () => {
  const db = openShop();
  const cart = fillCart(db, 'bell', 1);
  placeOrder(db, { cart, email: 'ada@shop.example' });
  assert.throws(() => placeOrder(db, { cart, email: 'ada@shop.example' }), { status: 409 });
});

test('refuses what is not an e-mail address', () => {
  const db = openShop();
  assert.throws(() => placeOrder(db, { cart: fillCart(db, 'bell', 1), email: 'ada' }), { status: 400 });
});

test('puts the items of a cancelled order back into stock, once', () => {
  const db = openShop();
  const order = placeOrder(db, { cart: fillCart(db, 'sextant', 2), email: 'ada@shop.example' });
  assert.equal(cancelOrder(db, order.id).status, 'cancelled');
  cancelOrder(db, order.id);
  assert.equal(findProduct(db, 'sextant').stock, 3);
});

test('returns the first order when a checkout is sent twice', () => {
  const db = openShop();
  const checkout = { cart: fillCart(db, 'bell', 1), email: 'ada@shop.example', idempotencyKey: 'k1' };
  assert.equal(placeOrder(db, checkout).id, placeOrder(db, checkout).id);
  assert.equal(findProduct(db, 'bell').stock, 999_999);
});

test('refuses to order an empty cart', () => {
  const db = openShop();
  assert.throws(() => placeOrder(db, { cart: createCart(db).id, email: 'ada@shop.example' }), {
    status: 409,
  });
});

test('keeps e-mail addresses in lower case', () => {
  const db = openShop();
  assert.equal(
    placeOrder(db, { cart: fillCart(db, 'bell', 1), email: 'Ada@Shop.Example' }).email,
    'ada@shop.example',
  );
});
