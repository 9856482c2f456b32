import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { refusal } from './effects.js';

const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]{1,60})?$/;
const BODY_LIMIT_BYTES = 64 * 1024;

/** What each field of a call has to look like. */
const FIELDS = {
  effectKey: (/** @type {unknown} */ value) =>
    typeof value === 'string' && /^[\x21-\x7e]{1,300}$/.test(value),
  generation: (/** @type {unknown} */ value) => Number.isSafeInteger(value) && Number(value) >= 0,
  version: (/** @type {unknown} */ value) => typeof value === 'string' && VERSION.test(value),
  artifact: (/** @type {unknown} */ value) => typeof value === 'string' && value.startsWith('/'),
  digest: (/** @type {unknown} */ value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value),
  slot: (/** @type {unknown} */ value) => value === 'blue' || value === 'green',
  instance: (/** @type {unknown} */ value) =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 99,
  strategy: (/** @type {unknown} */ value) => typeof value === 'string' && /^[a-z-]{1,20}$/.test(value),
  percent: (/** @type {unknown} */ value) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 100,
  backup: (/** @type {unknown} */ value) => typeof value === 'string' && /^backup-[0-9a-f]{12}$/.test(value),
};

/** The calls that change something: what they need besides effectKey and generation, and what they may have. */
const COMMANDS = {
  deploy: { needs: ['version', 'artifact'], may: ['digest', 'slot', 'instance', 'strategy'] },
  migrate: { needs: ['version'], may: ['artifact', 'digest'] },
  traffic: { needs: ['slot', 'percent'], may: [] },
  rollback: { needs: ['version'], may: ['artifact', 'digest'] },
  backup: { needs: [], may: [] },
  restore: { needs: ['backup'], may: [] },
  stop: { needs: ['slot'], may: [] },
};

/**
 * Starts the control API on loopback: `GET /status`, `/figures` and `/metrics`, and `POST /<command>`.
 * @param {import('./environment.js').Supervisor} supervisor
 * @param {{ port: number, token?: string | undefined }} options
 * @returns {Promise<{ port: number, stop: () => Promise<void> }>}
 */
export async function startControl(supervisor, { port, token }) {
  const server = createServer(async (request, response) => {
    try {
      const url = new URL(request.url ?? '/', 'http://control');
      const name = url.pathname.slice(1);
      if (request.method === 'GET' && name === 'metrics') {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
        return response.end(await supervisor.metrics());
      }
      if (token && !isSame(request.headers.authorization ?? '', `Bearer ${token}`))
        throw refusal(401, 'The control token is missing or wrong (SHOP_CONTROL_TOKEN).');
      if (request.method === 'GET' && name === 'status')
        return send(response, 200, supervisor.status(url.searchParams.get('effect') ?? undefined));
      if (request.method === 'GET' && name === 'figures')
        return send(response, 200, readFigures(url.searchParams));
      if (request.method !== 'POST' || !Object.hasOwn(COMMANDS, name))
        throw refusal(404, `There is no ${request.method} /${name}.`);
      const command = /** @type {keyof typeof COMMANDS} */ (name);
      const { effectKey, generation, ...given } = checkCall(command, await readBody(request));
      send(response, 200, await supervisor.act({ effectKey, generation }, command, given));
    } catch (error) {
      const { status = 500, message, ...details } = /** @type {import('./effects.js').Refusal} */ (error);
      send(response, status, { ...details, error: /** @type {Error} */ (error).message ?? message });
    }
  });
  // A deployment may take longer than the usual limits of a web server.
  server.requestTimeout = 0;

  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };

  /** @param {URLSearchParams} query */
  function readFigures(query) {
    const seconds = Number(query.get('seconds') ?? 60);
    if (!(seconds > 0 && seconds <= 600)) throw refusal(400, 'seconds has to be from 1 to 600.');
    return supervisor.figures({
      seconds,
      version: query.get('version') ?? undefined,
      slot: query.get('slot') ?? undefined,
    });
  }
}

/**
 * Checks a call and leaves only what it may hold; names every mistake at once.
 * @param {keyof typeof COMMANDS} command
 * @param {Record<string, unknown>} body
 * @returns {any}
 */
function checkCall(command, body) {
  const { needs, may } = COMMANDS[command];
  /** @type {Record<string, unknown>} */
  const call = {};
  const mistakes = [];
  for (const name of ['effectKey', 'generation', ...needs, ...may]) {
    const value = body[name];
    if (value === undefined || value === null) {
      if (!(/** @type {string[]} */ (may).includes(name))) mistakes.push(`${name} is missing`);
    } else if (!FIELDS[/** @type {keyof typeof FIELDS} */ (name)](value))
      mistakes.push(`${name} is not valid`);
    else call[name] = value;
  }
  if (mistakes.length > 0)
    throw refusal(400, `Cannot ${command}: ${mistakes.join(', ')}. Nothing was changed.`);
  return call;
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<Record<string, unknown>>}
 */
async function readBody(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > BODY_LIMIT_BYTES) throw refusal(413, 'The call is too large.');
  }
  try {
    const value = JSON.parse(text);
    if (value !== null && typeof value === 'object') return value;
  } catch {
    // Told below.
  }
  throw refusal(400, 'The call has to be a JSON object.');
}

/**
 * @param {string} given
 * @param {string} expected
 */
function isSame(given, expected) {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {unknown} value
 */
function send(response, status, value) {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(value, null, 2)}\n`);
}
