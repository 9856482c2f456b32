import { createCart, findCart, setQuantity } from './carts.js';
import { findProduct, listProducts } from './catalogue.js';
import { customerError, readJson } from './http.js';
import { cancelOrder, findOrder, placeOrder } from './orders.js';
import { addReview, listReviews } from './reviews.js';

/**
 * @typedef {object} Call
 * @property {import('node:sqlite').DatabaseSync} db
 * @property {import('node:http').IncomingMessage} request
 * @property {URLSearchParams} query
 * @property {Record<string, string>} parameters from the path
 * @property {{ countOrder: () => void }} metrics
 *
 * @typedef {{ status?: number, body: unknown, headers?: Record<string, string> }} Answer
 * @typedef {{ method: string, path: string, handle: (call: Call) => Answer | Promise<Answer> }} Route
 */

/** @param {Call} call */
const products = ({ db, query }) => ({
  body: {
    products: listProducts(db, {
      ...(query.has('limit') && { limit: Number(query.get('limit')) }),
      ...(query.has('offset') && { offset: Number(query.get('offset')) }),
      search: query.get('q') ?? '',
    }),
  },
});

/** @type {Route[]} */
const ROUTES = [
  { method: 'GET', path: '/products', handle: products },
  {
    method: 'GET',
    path: '/items',
    // The name of version 1.0. It goes away with 2.0; until then it says so in every answer.
    handle: (call) => ({
      ...products(call),
      headers: { deprecation: '@1756684800', link: '</products>; rel="successor-version"' },
    }),
  },
  {
    method: 'GET',
    path: '/products/:sku',
    handle: ({ db, parameters }) => ({ body: findProduct(db, parameters.sku ?? '') }),
  },
  {
    method: 'GET',
    path: '/products/:sku/reviews',
    handle: ({ db, parameters }) => ({ body: listReviews(db, parameters.sku ?? '') }),
  },
  {
    method: 'POST',
    path: '/products/:sku/reviews',
    handle: async ({ db, request, parameters }) => ({
      status: 201,
      body: addReview(db, parameters.sku ?? '', await readJson(request)),
    }),
  },
  { method: 'POST', path: '/carts', handle: ({ db }) => ({ status: 201, body: createCart(db) }) },
  {
    method: 'GET',
    path: '/carts/:id',
    handle: ({ db, parameters }) => ({ body: findCart(db, parameters.id ?? '') }),
  },
  {
    method: 'PUT',
    path: '/carts/:id/items/:sku',
    handle: async ({ db, request, parameters }) => ({
      body: setQuantity(db, parameters.id ?? '', parameters.sku ?? '', (await readJson(request)).quantity),
    }),
  },
  {
    method: 'POST',
    path: '/orders',
    handle: async ({ db, request, metrics }) => {
      const { cart, email } = await readJson(request);
      const key = request.headers['idempotency-key'];
      const order = placeOrder(db, {
        cart,
        email,
        idempotencyKey: key ? String(key).slice(0, 200) : undefined,
      });
      metrics.countOrder();
      return { status: 201, body: order };
    },
  },
  {
    method: 'GET',
    path: '/orders/:id',
    handle: ({ db, parameters }) => ({ body: findOrder(db, parameters.id ?? '') }),
  },
  {
    method: 'POST',
    path: '/orders/:id/cancel',
    handle: ({ db, parameters }) => ({ body: cancelOrder(db, parameters.id ?? '') }),
  },
];

/**
 * Finds the route of a request and what its path says.
 * @param {string} method
 * @param {string} path
 * @returns {{ route: Route, parameters: Record<string, string> }}
 */
export function findRoute(method, path) {
  const segments = path.split('/');
  let known = false;
  for (const route of ROUTES) {
    const parameters = matchPath(route.path.split('/'), segments);
    if (!parameters) continue;
    known = true;
    if (route.method === method) return { route, parameters };
  }
  throw known
    ? customerError(405, `${method} is not possible here.`)
    : customerError(404, 'There is nothing here.');
}

/**
 * @param {string[]} pattern
 * @param {string[]} segments
 * @returns {Record<string, string> | undefined}
 */
function matchPath(pattern, segments) {
  if (pattern.length !== segments.length) return undefined;
  /** @type {Record<string, string>} */
  const parameters = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith(':')) parameters[part.slice(1)] = segment;
    else if (part !== segment) return undefined;
  }
  return parameters;
}
