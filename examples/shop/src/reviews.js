import { randomUUID } from 'node:crypto';
import { findProduct } from './catalogue.js';
import { customerError } from './http.js';

const LONGEST_REVIEW = 2000;

/**
 * @typedef {{ id: string, sku: string, stars: number, text: string }} Review
 */

/**
 * @param {import('node:sqlite').DatabaseSync} db
 * @param {string} sku
 * @param {{ stars?: unknown, text?: unknown }} review
 * @returns {Review}
 */
export function addReview(db, sku, { stars, text }) {
  if (!Number.isInteger(stars) || Number(stars) < 1 || Number(stars) > 5)
    throw customerError(400, 'stars has to be a whole number from 1 to 5.');
  if (typeof text !== 'string' || text.trim() === '' || text.length > LONGEST_REVIEW)
    throw customerError(400, `text has to have 1 to ${LONGEST_REVIEW} characters.`);
  findProduct(db, sku);
  const review = { id: randomUUID(), sku, stars: Number(stars), text: text.trim() };
  db.prepare('INSERT INTO reviews (id, sku, stars, text, created_at) VALUES (?, ?, ?, ?, ?)').run(
    review.id,
    sku,
    review.stars,
    review.text,
    new Date().toISOString(),
  );
  return review;
}

/**
 * @param {import('node:sqlite').DatabaseSync} db
 * @param {string} sku
 * @returns {{ sku: string, average: number | null, reviews: Review[] }} the newest first
 */
export function listReviews(db, sku) {
  findProduct(db, sku);
  const reviews = db
    .prepare('SELECT id, sku, stars, text FROM reviews WHERE sku = ? ORDER BY created_at DESC, id LIMIT 100')
    .all(sku);
  const { average } = /** @type {{ average: number | null }} */ (
    db.prepare('SELECT avg(stars) AS average FROM reviews WHERE sku = ?').get(sku)
  );
  return { sku, average, reviews: /** @type {any} */ (reviews) };
}
