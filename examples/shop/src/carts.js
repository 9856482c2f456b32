import { randomUUID } from 'node:crypto';
import { findProduct } from './catalogue.js';
import { customerError } from './http.js';

/** Nobody orders more than this of one thing; a slip of the finger does. */
const LARGEST_QUANTITY = 999;

/**
 * @typedef {{ sku: string, name: string, quantity: number, priceCents: number }} CartItem
 * @typedef {{ id: string, items: CartItem[], totalCents: number }} Cart
 */

/**
 * @param {import('node:sqlite').DatabaseSync} db
 * @returns {Cart}
 */
export function createCart(db) {
  const id = randomUUID();
  db.prepare('INSERT INTO carts (id, created_at) VALUES (?, ?)').run(id, new Date().toISOString());
  return { id, items: [], totalCents: 0 };
}

/**
 * @param {import('node:sqlite').DatabaseSync} db
 * @param {string} id
 * @returns {Cart}
 */
export function findCart(db, id) {
  if (!db.prepare('SELECT 1 FROM carts WHERE id = ?').get(id))
    throw customerError(404, `There is no cart "${id}".`);
  const items = /** @type {CartItem[]} */ (
    /** @type {unknown} */ (
      db
        .prepare(
          `SELECT sku, name, quantity, price_cents AS priceCents
           FROM cart_items JOIN products USING (sku) WHERE cart_id = ? ORDER BY sku`,
        )
        .all(id)
    )
  );
  return { id, items, totalCents: items.reduce((sum, item) => sum + item.quantity * item.priceCents, 0) };
}

/**
 * Sets how many of a product are in the cart; 0 takes it out.
 * @param {import('node:sqlite').DatabaseSync} db
 * @param {string} id
 * @param {string} sku
 * @param {unknown} quantity
 * @returns {Cart}
 */
export function setQuantity(db, id, sku, quantity) {
  if (!Number.isInteger(quantity) || Number(quantity) < 0 || Number(quantity) > LARGEST_QUANTITY)
    throw customerError(400, `quantity has to be a whole number from 0 to ${LARGEST_QUANTITY}.`);
  findCart(db, id);
  findProduct(db, sku);
  if (quantity === 0) {
    db.prepare('DELETE FROM cart_items WHERE cart_id = ? AND sku = ?').run(id, sku);
  } else {
    db.prepare(
      `INSERT INTO cart_items (cart_id, sku, quantity) VALUES (?, ?, ?)
       ON CONFLICT (cart_id, sku) DO UPDATE SET quantity = excluded.quantity`,
    ).run(id, sku, Number(quantity));
  }
  return findCart(db, id);
}
