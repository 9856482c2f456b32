import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * A repository of releases as Maven's clients know it: a tree of files that are read by GET and put by PUT, with a login
 * for the latter, in which no file of a version is ever put twice (Nexus and Artifactory answer so where redeployment is
 * off). Lists no folder.
 */
export interface MavenRepository {
  url: string;
  login: { username: string; password: string };
  /** Paths of everything that was put, in order. */
  puts: string[];
  read(path: string): string | undefined;
  /** Answers the next PUT whose path ends so with 503, without taking it. */
  failOnce(ending: string): void;
  stop(): Promise<void>;
}

/** Starts it on a free port of the loopback. */
export async function startMavenRepository(): Promise<MavenRepository> {
  const login = { username: 'deployer', password: 'a password: with %' };
  const wanted = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const files = new Map<string, Buffer>();
  const puts: string[] = [];
  let failing: string | undefined;
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const say = (status: number, body: Buffer | string = '') => response.writeHead(status).end(body);
    if (request.method === 'GET' || request.method === 'HEAD') {
      const found = files.get(path);
      if (found === undefined) say(404);
      else say(200, request.method === 'HEAD' ? '' : found);
      return;
    }
    const body = await buffer(request);
    const given = request.headers.authorization ?? '';
    const isKnown =
      given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted));
    if (request.method !== 'PUT') say(405);
    else if (!isKnown) say(401);
    else if (failing !== undefined && path.endsWith(failing)) {
      failing = undefined;
      say(503);
    } else if (files.has(path) && !path.includes('/maven-metadata.xml')) say(409);
    else {
      files.set(path, body);
      puts.push(path);
      say(201);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/releases`,
    login,
    puts,
    read: (path) => files.get(`/releases/${path}`)?.toString('utf8'),
    failOnce: (ending) => {
      failing = ending;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
