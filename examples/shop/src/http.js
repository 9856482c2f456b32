/** The largest request body that the shop reads. */
const BODY_LIMIT_BYTES = 64 * 1024;

/**
 * An error that the customer is told about, with the HTTP status of the answer. Any other error is our fault
 * and answered with a bare 500.
 * @param {number} status
 * @param {string} message
 * @returns {Error & { status: number }}
 */
export function customerError(status, message) {
  return Object.assign(new Error(message), { status });
}

/**
 * Reads a JSON object from a request's body; an empty body is an empty object.
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<Record<string, unknown>>}
 */
export async function readJson(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // The rest is still read, so that the client sees the answer and not a reset connection.
    if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  if (size > BODY_LIMIT_BYTES) throw customerError(413, `A body has at most ${BODY_LIMIT_BYTES} bytes.`);
  if (size === 0) return {};
  try {
    const value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  } catch {
    // Not JSON: told below, as everything else that is not an object.
  }
  throw customerError(400, 'The body has to be a JSON object.');
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {unknown} value
 * @param {Record<string, string>} [headers]
 */
export function sendJson(response, status, value, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(`${JSON.stringify(value)}\n`);
}
