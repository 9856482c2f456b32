import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProduct, listProducts } from '../src/catalogue.js';
import { openShop } from './open-shop.js';

test('lists products in the order of their SKUs', () => {
  const skus = listProducts(openShop()).map(({ sku }) => sku);
  assert.deepEqual(skus, ['anchor', 'bell', 'compass', 'lantern', 'rope', 'sextant']);
});

test('says which product is unknown', () => {
  assert.throws(() => findProduct(openShop(), 'kraken'), { status: 404, message: /kraken/ });
});

test('pages through the products', () => {
  const skus = listProducts(openShop(), { limit: 2, offset: 4 }).map(({ sku }) => sku);
  assert.deepEqual(skus, ['rope', 'sextant']);
  assert.throws(() => listProducts(openShop(), { limit: 0 }), { status: 400 });
});

test('searches names without regard to case', () => {
  const skus = listProducts(openShop(), { search: 'COMP' }).map(({ sku }) => sku);
  assert.deepEqual(skus, ['compass']);
});

test('takes a percent sign in a search for what it is', () => {
  assert.deepEqual(listProducts(openShop(), { search: '%' }), []);
});
