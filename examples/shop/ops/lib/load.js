// Load at a fixed rate: a request is due at its time whether or not the one before was answered, and its latency
// counts from then. (A loop that waits for each answer would send less when the shop is slow, and hide it.)
import { Agent, request as sendRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const REQUEST_TIMEOUT_MS = 5000;
/** Of ten customers, this many do nothing but look around. */
const READERS_OF_TEN = 8;

/**
 * @typedef {object} LoadResult
 * @property {number} requests
 * @property {number} errors no answer, or 5xx
 * @property {number} errorPercent
 * @property {number} perSecond answered requests
 * @property {number} p50 milliseconds
 * @property {number} p95
 * @property {number} p99
 */

/**
 * @param {string} url
 * @param {{ perSecond: number, seconds: number }} profile
 * @returns {Promise<LoadResult>}
 */
export async function applyLoad(url, { perSecond, seconds }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 100 });
  const { hostname, port } = new URL(url);
  /** @type {number[]} */
  const times = [];
  let errors = 0;

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<{ status: number, text: string }>}
   */
  const send = (method, path, body) =>
    new Promise((resolve, reject) => {
      const request = sendRequest(
        { agent, hostname, port, method, path, timeout: REQUEST_TIMEOUT_MS },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
          response.on('error', reject);
        },
      );
      request.on('timeout', () => request.destroy(new Error('timed out')));
      request.on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });

  /** Each step of a journey is one request. @param {number} index @param {number} due */
  const visit = async (index, due) => {
    let from = due;
    const step = async (
      /** @type {string} */ method,
      /** @type {string} */ path,
      /** @type {unknown} */ body,
    ) => {
      try {
        const { status, text } = await send(method, path, body);
        times.push(performance.now() - from);
        if (status >= 500) errors += 1;
        from = performance.now();
        return status < 300 ? JSON.parse(text) : undefined;
      } catch {
        times.push(performance.now() - from);
        errors += 1;
        return undefined;
      }
    };
    if (index % 10 < READERS_OF_TEN) {
      await step('GET', index % 2 === 0 ? '/products' : '/products/compass', undefined);
      return;
    }
    const cart = await step('POST', '/carts', undefined);
    if (!cart) return;
    await step('PUT', `/carts/${cart.id}/items/rope`, { quantity: 1 });
    await step('POST', '/orders', { cart: cart.id, email: 'load@shop.example' });
  };

  // Eight readers send one request each, two buyers three: ten visits are fourteen requests.
  const visits = Math.round((perSecond * seconds * 10) / (READERS_OF_TEN + 3 * (10 - READERS_OF_TEN)));
  const startedAt = performance.now();
  const pending = [];
  for (let index = 0; index < visits; index += 1) {
    const due = startedAt + (index / visits) * seconds * 1000;
    const wait = due - performance.now();
    if (wait > 1) await sleep(wait);
    pending.push(visit(index, due));
  }
  await Promise.all(pending);
  const took = (performance.now() - startedAt) / 1000;
  agent.destroy();

  times.sort((a, b) => a - b);
  const percentile = (/** @type {number} */ percent) =>
    Math.round((times[Math.max(0, Math.ceil((percent / 100) * times.length) - 1)] ?? 0) * 10) / 10;
  return {
    requests: times.length,
    errors,
    errorPercent: times.length === 0 ? 0 : (100 * errors) / times.length,
    perSecond: Math.round(times.length / took),
    p50: percentile(50),
    p95: percentile(95),
    p99: percentile(99),
  };
}
