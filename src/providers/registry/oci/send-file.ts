import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline } from 'node:stream/promises';

/** A file as the body of a request, which is never wholly in memory. */
export interface FileBody {
  path: string;
  /** In bytes, for `content-length`: not every registry takes a body of unknown length. */
  size: number;
}

/**
 * Sends a file by PUT and answers the response's head and body (at most 64 KiB of it). Not by `fetch`, which holds
 * what it has read of a file in memory until it is sent: measured 916 MB for a layer of 800 MB, 138 MB this way.
 */
export async function putFile(
  url: URL,
  options: { file: FileBody; headers: Record<string, string>; signal: AbortSignal },
): Promise<{ status: number; headers: Headers; body: Buffer }> {
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const request = send(url, {
    method: 'PUT',
    headers: { ...options.headers, 'content-length': options.file.size },
    signal: options.signal,
  });
  // A refusal may come while the file is still on its way, so the answer is awaited beside it.
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  const sent = pipeline(createReadStream(options.file.path), request);
  const [response] = await Promise.race([answered, sent.then(() => answered)]).catch((error: unknown) => {
    throw wrapLikeFetch(error);
  });
  // An answer settles it; that the rest of the file was not taken then says nothing more.
  sent.catch(() => undefined);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += (chunk as Buffer).length;
    if (size <= 65_536) chunks.push(chunk as Buffer);
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers)) headers.set(name, String(value));
  return { status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks) };
}

/** The shape in which `fetch` reports a lost line, so that one description serves both. */
function wrapLikeFetch(error: unknown): Error {
  return new TypeError('the request failed', { cause: error });
}
