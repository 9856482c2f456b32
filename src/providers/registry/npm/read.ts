import npmFetch from 'npm-registry-fetch';
import ssri from 'ssri';
import { escapePackageName, type NpmConnection, npmOptions, requestNpm } from './connection.ts';
import { describeNpmFailure, NpmFailure } from './failure.ts';

/** One version as the registry states it. It may lie: `fetchTarball` computes. */
export interface PublishedVersion {
  /** Subresource integrity of the tarball, `sha512-…`; `sha1-…` where an old registry knows no better. */
  integrity: string;
  /** Where the tarball is. */
  tarball: string;
  /** The deprecation message, if it is deprecated. */
  deprecated?: string;
}

/** A package as the registry knows it; `exists: false` means that the next publish would be its first. */
export interface PublishedPackage {
  exists: boolean;
  versions: string[];
  distTags: Record<string, string>;
}

/** A tarball's own bytes, with the digest that we computed over them. */
export interface FetchedTarball {
  bytes: Buffer;
  /** `sha512-…` of `bytes`, computed here. */
  integrity: string;
  /** What the registry says about them. */
  statedIntegrity: string;
}

const LARGEST_TARBALL = 512 * 1024 * 1024;

/**
 * The whole document of a package, past every cache (`write=true` is what npm itself asks before it writes).
 * @returns undefined where the registry says 404, which for the public one may also mean "not for this token"
 */
export async function readDocument(
  connection: NpmConnection,
  name: string,
): Promise<Record<string, unknown> | undefined> {
  try {
    return await requestNpm(connection, escapePackageName(name), {
      doing: `read ${name}`,
      query: { write: 'true' },
    });
  } catch (error) {
    if (error instanceof NpmFailure && error.status === 404) return undefined;
    throw error;
  }
}

/**
 * What the registry says about one version; undefined if it is not there.
 * @throws NpmFailure
 */
export async function readPublished(
  options: NpmConnection & { name: string; version: string },
): Promise<PublishedVersion | undefined> {
  const document = await readDocument(options, options.name);
  const entry = asRecord(asRecord(document?.['versions'])?.[options.version]);
  const dist = asRecord(entry?.['dist']);
  if (!entry || !dist) return undefined;
  const integrity = statedIntegrity(dist);
  const tarball = dist['tarball'];
  if (!integrity || typeof tarball !== 'string') {
    throw new NpmFailure({
      happened: `${options.name}@${options.version} is there, but the registry gives no digest or address for it.`,
      outcome: 'unchanged',
      retryable: false,
      advice: 'Without a digest nobody can tell whose bytes these are: look at the registry’s own storage.',
    });
  }
  const deprecated = entry['deprecated'];
  return { integrity, tarball, ...(typeof deprecated === 'string' && deprecated ? { deprecated } : {}) };
}

/**
 * Which versions and dist-tags a package has.
 * @throws NpmFailure
 */
export async function readPackage(options: NpmConnection & { name: string }): Promise<PublishedPackage> {
  const document = await readDocument(options, options.name);
  const versions = Object.keys(asRecord(document?.['versions']) ?? {});
  const distTags: Record<string, string> = {};
  for (const [tag, version] of Object.entries(asRecord(document?.['dist-tags']) ?? {})) {
    if (typeof version === 'string') distTags[tag] = version;
  }
  return { exists: versions.length > 0, versions, distTags };
}

/**
 * Fetches a version's tarball as a user would, and computes its digest from the bytes that came.
 * The token goes along only if the tarball lies at the registry's own host.
 * @throws NpmFailure, also when the version is not there
 */
export async function fetchTarball(
  options: NpmConnection & { name: string; version: string },
): Promise<FetchedTarball> {
  const doing = `fetch ${options.name}@${options.version}`;
  const published = await readPublished(options);
  if (!published) {
    throw new NpmFailure({
      happened: `${options.name}@${options.version} is not at ${new URL(options.registry).host}.`,
      outcome: 'unchanged',
      // A registry behind a cache shows a new version some seconds late.
      retryable: true,
      advice: 'If it was just published, retry in a moment.',
      status: 404,
    });
  }
  try {
    const response = await npmFetch(published.tarball, npmOptions(options));
    const bytes = await readBounded(response.body);
    const integrity = ssri.fromData(bytes, { algorithms: ['sha512'] }).toString();
    return { bytes, integrity, statedIntegrity: published.integrity };
  } catch (error) {
    throw describeNpmFailure(error, {
      doing,
      registry: options.registry,
      writes: false,
      secret: options.token,
    });
  }
}

/**
 * Who the token belongs to.
 * @throws NpmFailure when the registry does not know the token
 */
export async function checkLogin(connection: NpmConnection): Promise<string> {
  const answer = await requestNpm(connection, '-/whoami', { doing: 'check the login' });
  if (typeof answer['username'] === 'string' && answer['username']) return answer['username'];
  throw new NpmFailure({
    happened: `${new URL(connection.registry).host} does not know whose token this is.`,
    outcome: 'unchanged',
    retryable: false,
    advice: 'Put a valid token into the worker’s configuration.',
    status: 401,
  });
}

async function readBounded(body: NodeJS.ReadableStream | null): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > LARGEST_TARBALL) throw new Error('the tarball is larger than 512 MiB');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function statedIntegrity(dist: Record<string, unknown>): string | undefined {
  if (typeof dist['integrity'] === 'string' && dist['integrity']) return dist['integrity'];
  const shasum = dist['shasum'];
  return typeof shasum === 'string' && /^[0-9a-f]{40}$/.test(shasum)
    ? ssri.fromHex(shasum, 'sha1').toString()
    : undefined;
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
