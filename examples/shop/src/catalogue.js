import { customerError } from './http.js';

/** More products than this are never sent in one answer. */
const LARGEST_PAGE = 100;

/**
 * @typedef {{ sku: string, name: string, priceCents: number, stock: number }} Product
 */

const COLUMNS = 'sku, name, price_cents AS priceCents, stock';

/**
 * @param {import('node:sqlite').DatabaseSync} db
 * @param {{ limit?: number, offset?: number, search?: string }} [page]
 * @returns {Product[]} ordered by SKU
 */
export function listProducts(db, { limit = LARGEST_PAGE, offset = 0, search = '' } = {}) {
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE)
    throw customerError(400, `limit has to be a whole number from 1 to ${LARGEST_PAGE}.`);
  if (!Number.isInteger(offset) || offset < 0)
    throw customerError(400, 'offset has to be a whole number from 0.');
  // instr, not LIKE: a customer's % and _ are letters like any other.
  return /** @type {any} */ (
    db
      .prepare(
        `SELECT ${COLUMNS} FROM products WHERE instr(lower(name), lower(?)) > 0 ORDER BY sku LIMIT ? OFFSET ?`,
      )
      .all(search, limit, offset)
  );
}

/**
 * @param {import('node:sqlite').DatabaseSync} db
 * @param {string} sku
 * @returns {Product}
 */
export function findProduct(db, sku) {
  const product = db.prepare(`SELECT ${COLUMNS} FROM products WHERE sku = ?`).get(sku);
  if (!product) throw customerError(404, `There is no product "${sku}".`);
  return /** @type {any} */ (product);
}
