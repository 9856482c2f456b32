import { openAsBlob } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AwsClient } from 'aws4fetch';
import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import type { StoreRef } from '../../../release/store-ref.ts';
import {
  assertEntryName,
  assertEntryPrefix,
  checkWhile,
  digestFile,
  digestHex,
  makeRef,
  referTo,
  type Store,
  StoreCorrupt,
  StoreMissing,
  uniqueSuffix,
  writeWhole,
} from '../store.ts';

/** The answer to a request that was to be done only if nothing is there yet. */
const CONDITION_FAILED = 412;

export interface S3StoreOptions {
  /** Such as `https://s3.eu-central-1.amazonaws.com` or a MinIO's address; the bucket comes after it, as a path. */
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** How often an answer of 429 or 5xx is asked again, with growing pauses. Default: 4. */
  retries?: number;
}

/** The bucket refused, or could not be reached. What is put is keyed by its digest, so putting again is safe. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly retryable: boolean;
  readonly outcome = 'unchanged';
  readonly advice: string;

  constructor(message: string, details: { retryable: boolean; advice: string; cause?: unknown }) {
    super(message, { cause: details.cause });
    this.retryable = details.retryable;
    this.advice = details.advice;
  }
}

/** Opens the configured bucket, with the value of its key. */
export async function openStore(settings: S3StoreOptions, secret: (name: string) => string): Promise<Store> {
  return openS3Store({ ...settings, secretAccessKey: secret(settings.secretAccessKey) });
}

/**
 * Opens a store in a bucket of an S3-compatible service, for workers on several machines. The bucket must be there.
 * Objects: `sha256/ab/<64 hex digits>` and `named/<name>`. The digest of what is sent is part of the signed request, so
 * that the service refuses what was damaged on the way. An object that went bad is refused at every read, and replaced
 * when its bytes are put again.
 */
export function openS3Store(options: S3StoreOptions): Store {
  const client = new AwsClient({
    accessKeyId: options.accessKeyId,
    secretAccessKey: options.secretAccessKey,
    region: options.region,
    service: 's3',
    retries: options.retries ?? 4,
    initRetryMs: 100,
  });
  const bucketUrl = `${options.endpoint.replace(/\/+$/, '')}/${options.bucket}`;

  const ask = async (method: string, path: string, init: RequestInit = {}): Promise<Response> => {
    let response: Response;
    try {
      response = await client.fetch(`${bucketUrl}${path}`, {
        ...init,
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(LIMITS_MS.transfer),
      });
    } catch (cause) {
      throw new StoreUnavailable(`The store at ${bucketUrl} could not be reached (${method} ${path}).`, {
        retryable: true,
        advice: 'check the network and the address of the store, then retry',
        cause,
      });
    }
    if (response.ok || [404, CONDITION_FAILED].includes(response.status)) return response;
    const code = /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(await response.text().catch(() => ''))?.[1];
    const retryable = response.status === 429 || response.status >= 500;
    throw new StoreUnavailable(
      `The store at ${bucketUrl} answered ${response.status}${code ? ` ${code}` : ''} (${method} ${path}).`,
      {
        retryable,
        advice: retryable
          ? 'the service has trouble: retry later'
          : 'check bucket, region and keys of the store, and what the keys may do',
      },
    );
  };

  const send = async (
    path: string,
    body: Blob | Uint8Array<ArrayBuffer>,
    hex: string,
    mediaType?: string,
    more: Record<string, string> = {},
  ): Promise<boolean> => {
    const type = mediaType ?? 'application/octet-stream';
    const headers = { 'x-amz-content-sha256': hex, 'content-type': type, ...more };
    const response = await ask('PUT', path, { body, headers });
    await response.arrayBuffer();
    if (response.status === 404) {
      throw new StoreUnavailable(`There is no bucket at ${bucketUrl}.`, {
        retryable: false,
        advice: 'make the bucket, or correct its name',
      });
    }
    return response.status !== CONDITION_FAILED;
  };

  const fetchObject = async (ref: Pick<StoreRef, 'digest'>): Promise<Response> => {
    const response = await ask('GET', objectPath(ref.digest));
    if (response.status === 404) throw new StoreMissing(ref.digest);
    return response;
  };

  const refuse = (ref: Pick<StoreRef, 'digest'>, found: StoreRef): never => {
    throw new StoreCorrupt(ref.digest, `${found.digest} (${found.bytes} bytes)`, undefined);
  };

  return {
    async put(bytes, mediaType) {
      const ref = referTo(bytes, mediaType);
      await send(objectPath(ref.digest), Uint8Array.from(bytes), digestHex(ref.digest), mediaType);
      return ref;
    },
    async putFile(path, mediaType) {
      const { hex, bytes } = await digestFile(path);
      const ref = makeRef(hex, bytes, mediaType);
      await send(objectPath(ref.digest), await openAsBlob(path), hex, mediaType);
      return ref;
    },
    async read(ref) {
      const bytes = Buffer.from(await (await fetchObject(ref)).arrayBuffer());
      const found = referTo(bytes);
      return found.digest === ref.digest ? bytes : refuse(ref, found);
    },
    async open(ref) {
      const response = await fetchObject(ref);
      return checkWhile(response.body ?? noChunks(), (hex, bytes) =>
        `sha256:${hex}` === ref.digest ? undefined : refuse(ref, makeRef(hex, bytes)),
      );
    },
    async fetchTo(ref, path) {
      const response = await fetchObject(ref);
      await mkdir(dirname(path), { recursive: true });
      await writeWhole(response.body ?? noChunks(), `${path}.${uniqueSuffix()}`, (hex, bytes) =>
        `sha256:${hex}` === ref.digest ? path : refuse(ref, makeRef(hex, bytes)),
      );
    },
    async has(ref) {
      const response = await ask('HEAD', objectPath(ref.digest));
      return response.status !== 404 && Number(response.headers.get('content-length')) === ref.bytes;
    },
    async remove(digest) {
      await (await ask('DELETE', objectPath(digest))).arrayBuffer();
    },
    async putNamed(name, bytes) {
      await send(namedPath(name), Uint8Array.from(bytes), digestHex(referTo(bytes).digest));
    },
    async createNamed(name, bytes) {
      const path = namedPath(name);
      const hex = digestHex(referTo(bytes).digest);
      if (await send(path, Uint8Array.from(bytes), hex, undefined, { 'if-none-match': '*' })) return true;
      // A repeated request meets what the one before it made, whose answer was lost.
      const found = Buffer.from(await (await ask('GET', path)).arrayBuffer());
      return found.equals(bytes);
    },
    async readNamed(name) {
      const response = await ask('GET', namedPath(name));
      const bytes = Buffer.from(await response.arrayBuffer());
      return response.status === 404 ? undefined : bytes;
    },
    async listNamed(prefix) {
      assertEntryPrefix(prefix);
      const names: string[] = [];
      let token: string | undefined;
      do {
        const query = new URLSearchParams({ 'list-type': '2', prefix: `named/${prefix}` });
        if (token) query.set('continuation-token', token);
        const page = await (await ask('GET', `?${query}`)).text();
        names.push(...readTags(page, 'Key').map((key) => key.slice('named/'.length)));
        token =
          readTags(page, 'IsTruncated')[0] === 'true'
            ? readTags(page, 'NextContinuationToken')[0]
            : undefined;
      } while (token);
      return names.sort();
    },
  };
}

async function* noChunks(): AsyncGenerator<Uint8Array> {}

function objectPath(digest: string): string {
  const hex = digestHex(digest);
  return `/sha256/${hex.slice(0, 2)}/${hex}`;
}

function namedPath(name: string): string {
  return `/named/${assertEntryName(name).split('/').map(encodeURIComponent).join('/')}`;
}

/** Texts of all elements of that name. Names of entries need no unescaping; tokens may. */
function readTags(xml: string, tag: string): string[] {
  return [...xml.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, text]) =>
    text!
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#34;', '"')
      .replaceAll('&amp;', '&'),
  );
}
