import { randomUUID } from 'node:crypto';
import { findCart } from './carts.js';
import { inTransaction } from './database.js';
import { customerError } from './http.js';

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/**
 * @typedef {{ sku: string, quantity: number, priceCents: number }} OrderItem
 * @typedef {{ id: string, email: string, status: string, totalCents: number, items: OrderItem[] }} Order
 */

/**
 * Turns a cart into an order and takes its items out of stock, all or nothing.
 * @param {import('node:sqlite').DatabaseSync} db
 * @param {{ cart: unknown, email: unknown, idempotencyKey?: string | undefined }} checkout a second checkout with the same
 *   key returns the first one's order
 * @returns {Order}
 */
export function placeOrder(db, { cart: cartId, email, idempotencyKey }) {
  if (typeof email !== 'string' || !EMAIL.test(email))
    throw customerError(400, 'email has to be an e-mail address.');
  return inTransaction(db, () => {
    if (idempotencyKey) {
      const earlier = db.prepare('SELECT order_id FROM idempotency_keys WHERE key = ?').get(idempotencyKey);
      if (earlier) return findOrder(db, String(earlier.order_id));
    }
    const cart = findCart(db, String(cartId));
    if (cart.items.length === 0) throw customerError(409, 'The cart is empty.');
    if (db.prepare('SELECT 1 FROM orders WHERE cart_id = ?').get(cart.id))
      throw customerError(409, 'This cart was ordered already.');

    const id = randomUUID();
    db.prepare('INSERT INTO orders (id, cart_id, email, total_cents, created_at) VALUES (?, ?, ?, ?, ?)').run(
      id,
      cart.id,
      email.toLowerCase(),
      cart.totalCents,
      new Date().toISOString(),
    );
    const take = db.prepare('UPDATE products SET stock = stock - ? WHERE sku = ? AND stock >= ?');
    const record = db.prepare(
      'INSERT INTO order_items (order_id, sku, quantity, price_cents) VALUES (?, ?, ?, ?)',
    );
    for (const item of cart.items) {
      if (take.run(item.quantity, item.sku, item.quantity).changes === 0)
        throw customerError(409, `"${item.name}" is out of stock.`);
      record.run(id, item.sku, item.quantity, item.priceCents);
    }
    if (idempotencyKey)
      db.prepare('INSERT INTO idempotency_keys (key, order_id) VALUES (?, ?)').run(idempotencyKey, id);
    return findOrder(db, id);
  });
}

/**
 * @param {import('node:sqlite').DatabaseSync} db
 * @param {string} id
 * @returns {Order}
 */
export function findOrder(db, id) {
  const order = db.prepare('SELECT email, total_cents FROM orders WHERE id = ?').get(id);
  if (!order) throw customerError(404, `There is no order "${id}".`);
  const items = db
    .prepare(
      'SELECT sku, quantity, price_cents AS priceCents FROM order_items WHERE order_id = ? ORDER BY sku',
    )
    .all(id);
  return {
    id,
    email: String(order.email),
    status: isCancelled(db, id) ? 'cancelled' : 'placed',
    totalCents: Number(order.total_cents),
    items: /** @type {any} */ (items),
  };
}

/**
 * Cancels an order and puts its items back into stock. Cancelling twice changes nothing.
 * @param {import('node:sqlite').DatabaseSync} db
 * @param {string} id
 * @returns {Order}
 */
export function cancelOrder(db, id) {
  return inTransaction(db, () => {
    const order = findOrder(db, id);
    if (order.status === 'cancelled') return order;
    const putBack = db.prepare('UPDATE products SET stock = stock + ? WHERE sku = ?');
    for (const item of order.items) putBack.run(item.quantity, item.sku);
    db.prepare('INSERT INTO cancellations (order_id, cancelled_at) VALUES (?, ?)').run(
      id,
      new Date().toISOString(),
    );
    return findOrder(db, id);
  });
}

/**
 * @param {import('node:sqlite').DatabaseSync} db
 * @param {string} id
 * @returns {boolean}
 */
function isCancelled(db, id) {
  return db.prepare('SELECT 1 FROM cancellations WHERE order_id = ?').get(id) !== undefined;
}
