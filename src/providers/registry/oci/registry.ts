import { limitSignal } from '../../../integrations/limit-signal.ts';
import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import { describeLostAnswer, describeRefusal, OciFailure, refuse } from './failure.ts';
import { type FileBody, putFile } from './send-file.ts';

/** How to reach one repository of a container registry. */
export interface OciOptions {
  /** `registry.example:5000/team/shop`, without tag or digest; without a host it is Docker Hub's. */
  repository: string;
  /** Plain HTTP. */
  insecure?: boolean | undefined;
  username?: string | undefined;
  password?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Limit of one request; 30 s if left out, ten minutes for a layer. */
  timeoutMs?: number | undefined;
}

/** A repository that is ready to be asked. It remembers the token that the registry gave, nothing else. */
export interface OciRepository {
  /** As people write it. */
  name: string;
  host: string;
  /** One request below `/v2/NAME/`, or to an absolute address that the registry gave. Throws `OciFailure`. */
  ask(request: OciRequest): Promise<OciAnswer>;
}

export interface OciRequest {
  /** As in "could not {doing}". */
  doing: string;
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** `manifests/…`, `blobs/…`, or an address of a `location` header. */
  path: string;
  headers?: Record<string, string>;
  body?: Uint8Array<ArrayBuffer>;
  /** A body that is too large for memory; with PUT only. */
  file?: FileBody;
  /** Statuses that are an answer; any other is a failure. */
  expect: readonly number[];
  timeoutMs?: number;
}

export interface OciAnswer {
  status: number;
  headers: Headers;
  body: Buffer;
}

const LARGEST_ANSWER = 8 * 1024 * 1024;

/**
 * Prepares a repository; nothing is sent yet.
 * @throws OciFailure for what is no repository's name
 */
export function openRepository(options: OciOptions): OciRepository {
  const { host, path } = parseRepository(options.repository);
  const origin = `${options.insecure ? 'http' : 'https'}://${host}`;
  const basic =
    options.username === undefined
      ? undefined
      : `Basic ${Buffer.from(`${options.username}:${options.password ?? ''}`).toString('base64')}`;
  let authorization: string | undefined;

  async function send(request: OciRequest, url: URL): Promise<OciAnswer> {
    // A layer may be sent to a storage at another host, which gets no login of ours.
    const own = url.origin === origin && authorization ? { authorization } : {};
    const headers = { 'user-agent': 'windlass', ...request.headers, ...own };
    const timeoutMs = request.timeoutMs ?? options.timeoutMs ?? LIMITS_MS.request;
    const signal = limitSignal(timeoutMs, options.signal);
    if (request.file) return await putFile(url, { file: request.file, headers, signal });
    const response = await fetch(url, {
      method: request.method,
      headers,
      signal,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    return { status: response.status, headers: response.headers, body: await readBounded(response) };
  }

  async function ask(request: OciRequest): Promise<OciAnswer> {
    const attempt = {
      doing: request.doing,
      host,
      writes: request.method !== 'GET' && request.method !== 'HEAD',
    };
    try {
      const url = new URL(request.path, `${origin}/v2/${path}/`);
      let answer = await send(request, url);
      if (answer.status === 401 && url.origin === origin) {
        authorization = await logIn(answer.headers.get('www-authenticate') ?? '');
        if (authorization) answer = await send(request, url);
      }
      if (request.expect.includes(answer.status)) return answer;
      const secrets = [options.password, basic?.slice('Basic '.length), authorization?.replace(/^\w+ /, '')];
      throw describeRefusal(
        { status: answer.status, body: answer.body.toString('utf8') },
        { ...attempt, secrets },
      );
    } catch (error) {
      throw describeLostAnswer(error, attempt);
    }
  }

  /** Answers a challenge (RFC 7235; the Docker registry's token authentication); undefined if nobody can. */
  async function logIn(challenge: string): Promise<string | undefined> {
    if (/^basic/i.test(challenge)) return basic;
    const fields = Object.fromEntries(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    );
    if (!/^bearer/i.test(challenge) || !fields['realm'] || !URL.canParse(fields['realm'])) return undefined;
    const realm = new URL(fields['realm']);
    if (realm.protocol !== 'https:' && !options.insecure) {
      throw refuse(
        `${host} wants the login sent to ${realm.host} without TLS.`,
        'Use a registry that asks over https.',
      );
    }
    realm.searchParams.set('service', fields['service'] ?? '');
    realm.searchParams.set('scope', `repository:${path}:pull,push`);
    const response = await fetch(realm, {
      headers: basic ? { authorization: basic } : {},
      redirect: 'error',
      signal: limitSignal(options.timeoutMs ?? LIMITS_MS.request, options.signal),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new OciFailure({
        happened: `${realm.host} gave no token for ${options.repository}: it answered ${response.status}.`,
        outcome: 'unchanged',
        retryable: response.status === 429 || response.status >= 500,
        advice: 'Check user and password of the registry.',
        status: response.status,
      });
    }
    const { token, access_token } = (await response.json()) as { token?: string; access_token?: string };
    const given = token ?? access_token;
    return given ? `Bearer ${given}` : undefined;
  }

  return { name: options.repository, host, ask };
}

/** Host and path of a repository's name, by Docker's rule: without a host it is Docker Hub's. */
function parseRepository(repository: string): { host: string; path: string } {
  const [first = '', ...rest] = repository.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const onHub = !hasHost || first === 'docker.io';
  const path = hasHost ? rest.join('/') : repository;
  const full = onHub && !path.includes('/') ? `library/${path}` : path;
  const host = onHub ? 'registry-1.docker.io' : first;
  // OCI distribution, "Pulling manifests": the form of a name.
  const nameIsValid =
    /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/.test(full);
  if (nameIsValid && full.length < 256 && /^[a-z0-9.-]+(?::\d{1,5})?$/i.test(host))
    return { host, path: full };
  throw refuse(
    `${JSON.stringify(repository.slice(0, 100))} is not a container repository.`,
    'Write `registries.docker.repository` as host/team/name, in lower case, without tag or digest.',
  );
}

async function readBounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST_ANSWER) throw new Error('the answer is larger than any manifest');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
