// A customer of the shop, for the journeys of the end-to-end, smoke and load tests.

/**
 * @typedef {{ status: number, body: any, headers: Headers }} Answer
 */

/**
 * @param {string} url of the shop
 */
export function createCustomer(url) {
  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {Record<string, string>} [headers]
   * @returns {Promise<Answer>}
   */
  const send = async (method, path, body, headers = {}) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
  };

  return {
    send,

    /**
     * Fills a cart, orders it, and looks the order up.
     * @param {{ sku: string, quantity: number, email: string, key?: string }} wish
     * @returns {Promise<any>} the order
     */
    async buy({ sku, quantity, email, key }) {
      const cart = await expectStatus(send('POST', '/carts'), 201, 'open a cart');
      await expectStatus(send('PUT', `/carts/${cart.id}/items/${sku}`, { quantity }), 200, 'fill the cart');
      const headers = key ? { 'idempotency-key': key } : undefined;
      const order = await expectStatus(
        send('POST', '/orders', { cart: cart.id, email }, headers),
        201,
        'order',
      );
      return expectStatus(send('GET', `/orders/${order.id}`), 200, 'look the order up');
    },
  };
}

/**
 * @param {Promise<Answer>} sent
 * @param {number} status
 * @param {string} what
 * @returns {Promise<any>} the answer's body
 */
export async function expectStatus(sent, status, what) {
  const answer = await sent;
  if (answer.status !== status)
    throw new Error(
      `Could not ${what}: expected status ${status}, got ${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}`,
    );
  return answer.body;
}

/**
 * @param {unknown} condition
 * @param {string} message
 */
export function expectThat(condition, message) {
  if (!condition) throw new Error(message);
}
