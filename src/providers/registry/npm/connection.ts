import npmFetch from 'npm-registry-fetch';
import validRange from 'semver/ranges/valid.js';
import { limitSignal } from '../../../integrations/limit-signal.ts';
import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import { describeNpmFailure, NpmFailure } from './failure.ts';

/** Where to talk to, with which right, and for how long. `timeoutMs` bounds one request; 30 s if left out. */
export interface NpmConnection {
  registry: string;
  token?: string | undefined;
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
}

interface NpmRequest {
  doing: string;
  method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** A write whose answer matters, and which changes nothing that is published. */
  answers?: boolean;
  query?: Record<string, string>;
  body?: unknown;
}

// npm's own rule for names of new packages, and for the legacy ones that have capitals.
const PACKAGE_NAME = /^(?:@[a-z0-9~_-][a-z0-9~._-]*\/)?[a-z0-9~_-][a-z0-9~._-]*$/i;

/** The options for npm-registry-fetch; the token is bound to the registry's host and path, so that it never goes elsewhere. */
export function npmOptions(connection: NpmConnection): npmFetch.Options & Record<string, unknown> {
  const url = parseRegistry(connection.registry);
  const timeout = connection.timeoutMs ?? LIMITS_MS.request;
  const path = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  return {
    registry: url.href,
    ...(connection.token ? { [`//${url.host}${path}:_authToken`]: connection.token } : {}),
    // One attempt: whether to repeat is decided above, after reading what is there.
    fetchRetries: 0,
    preferOnline: true,
    timeout,
    signal: limitSignal(timeout, connection.signal),
    userAgent: 'windlass',
  };
}

/**
 * One request whose answer is JSON (or is not looked at, for writes).
 * @throws NpmFailure
 */
export async function requestNpm(
  connection: NpmConnection,
  path: string,
  request: NpmRequest,
): Promise<Record<string, unknown>> {
  const method = request.method ?? 'GET';
  const writes = method !== 'GET' && request.answers !== true;
  try {
    const response = await npmFetch(path, {
      ...npmOptions(connection),
      method,
      ...(request.query ? { query: request.query } : {}),
      ...(request.body === undefined
        ? {}
        : { body: JSON.stringify(request.body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    return writes ? {} : parseAnswer(text, request.doing, connection.registry);
  } catch (error) {
    throw describeNpmFailure(error, {
      doing: request.doing,
      registry: connection.registry,
      writes,
      secret: connection.token,
    });
  }
}

/**
 * The package's name as one path segment (`@scope%2fname`).
 * @throws NpmFailure for what is no package name, before anything is sent
 */
export function escapePackageName(name: string): string {
  if (name.length <= 214 && PACKAGE_NAME.test(name)) return name.replace('/', '%2f');
  throw new NpmFailure({
    happened: `${JSON.stringify(name.slice(0, 100))} is not a name that a package can have.`,
    outcome: 'unchanged',
    retryable: false,
    advice: 'Correct "name" in package.json.',
  });
}

/**
 * A dist-tag, as npm allows them: one path segment, and nothing that `npm install name@tag` would read as a range.
 * @throws NpmFailure before anything is sent
 */
export function checkDistTag(tag: string): string {
  if (/^[A-Za-z_][\w.+~-]{0,213}$/.test(tag) && validRange(tag) === null) return tag;
  throw new NpmFailure({
    happened: `${JSON.stringify(tag.slice(0, 100))} is not a name that a dist-tag can have.`,
    outcome: 'unchanged',
    retryable: false,
    advice: 'Choose a word such as `next`; a version or a range is none.',
  });
}

function parseRegistry(registry: string): URL {
  const url = URL.canParse(registry) ? new URL(registry) : undefined;
  if (url && (url.protocol === 'https:' || url.protocol === 'http:') && !url.username && !url.password) {
    return url;
  }
  throw new NpmFailure({
    happened: 'The npm registry’s address is not an http(s) URL without user and password.',
    outcome: 'unchanged',
    retryable: false,
    advice: 'Correct `registries.npm.url`; a token belongs into the worker’s secrets.',
  });
}

function parseAnswer(text: string, doing: string, registry: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through: a login page or half an answer is the same to the caller.
  }
  throw new NpmFailure({
    happened: `Could not ${doing} at ${new URL(registry).host}: the answer is not what an npm registry says.`,
    outcome: 'unchanged',
    retryable: true,
    advice: 'Check that the address is a registry’s and that no login page or proxy answers in its place.',
  });
}
