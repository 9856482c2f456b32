import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCart, findCart, setQuantity } from '../src/carts.js';
import { openShop } from './open-shop.js';

test('adds up what is in a cart', () => {
  const db = openShop();
  const { id } = createCart(db);
  setQuantity(db, id, 'bell', 2);
  setQuantity(db, id, 'rope', 1);
  assert.equal(findCart(db, id).totalCents, 2 * 4950 + 1890);
});

test('takes a product out with quantity 0', () => {
  const db = openShop();
  const { id } = createCart(db);
  setQuantity(db, id, 'bell', 2);
  assert.deepEqual(setQuantity(db, id, 'bell', 0).items, []);
});

test('refuses quantities that are not whole numbers', () => {
  const db = openShop();
  const { id } = createCart(db);
  for (const quantity of [1.5, -1, '2', null, undefined])
    assert.throws(() => setQuantity(db, id, 'bell', quantity), { status: 400 });
});

test('refuses more than 999 of one product', () => {
  const db = openShop();
  const { id } = createCart(db);
  assert.throws(() => setQuantity(db, id, 'bell', 1000), { status: 400 });
});
