import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addReview, listReviews } from '../src/reviews.js';
import { openShop } from './open-shop.js';

test('averages the stars of a product', () => {
  const db = openShop();
  addReview(db, 'bell', { stars: 5, text: 'Loud.' });
  addReview(db, 'bell', { stars: 2, text: 'Too loud.' });
  assert.equal(listReviews(db, 'bell').average, 3.5);
  assert.equal(listReviews(db, 'rope').average, null);
});

test('refuses reviews without stars, without text, or of nothing', () => {
  const db = openShop();
  assert.throws(() => addReview(db, 'bell', { stars: 6, text: 'x' }), { status: 400 });
  assert.throws(() => addReview(db, 'bell', { stars: 1, text: ' ' }), { status: 400 });
  assert.throws(() => addReview(db, 'kraken', { stars: 1, text: 'Bites.' }), { status: 404 });
});
