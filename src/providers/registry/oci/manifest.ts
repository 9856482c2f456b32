import { createHash } from 'node:crypto';
import { OciFailure, refuse } from './failure.ts';
import type { OciRepository } from './registry.ts';

/** A manifest's own bytes, under the digest that we computed. */
export interface OciManifest {
  bytes: Buffer;
  /** `sha256:…` of `bytes`. */
  digest: string;
  mediaType: string;
}

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
// All of them: a registry converts what a client does not name, and the digest would be another's.
const ACCEPT = [OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST].join(', ');

/** `sha256:…` of bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Whether a text is a digest that we can compute. */
export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/**
 * What a tag or digest holds, with the digest computed over the bytes that came; undefined if it is not there.
 * @throws OciFailure also when the registry states another digest than its bytes have
 */
export async function readManifest(
  repository: OciRepository,
  reference: string,
): Promise<OciManifest | undefined> {
  checkReference(reference);
  const doing = `read ${repository.name} at ${reference}`;
  const request = { doing, path: `manifests/${reference}`, headers: { accept: ACCEPT }, expect: [200, 404] };
  const answer = await repository.ask({ ...request, method: 'GET' });
  if (answer.status === 404) return undefined;
  const digest = digestOf(answer.body);
  const stated = answer.headers.get('docker-content-digest') ?? digest;
  const asked = isDigest(reference) ? reference : stated;
  if (stated !== digest || asked !== digest) {
    throw new OciFailure({
      happened: `${repository.host} says that ${repository.name} at ${reference} is ${asked === digest ? stated : asked}, but its bytes are ${digest}.`,
      outcome: 'unchanged',
      retryable: false,
      advice: 'The registry or something before it is broken or lies: do not use this image.',
    });
  }
  return {
    bytes: answer.body,
    digest,
    mediaType: readMediaType(answer.body, answer.headers.get('content-type')),
  };
}

/**
 * The digest that a tag or digest holds; undefined if it is not there. Asks by HEAD first, which costs no pull
 * where nothing is there, then computes it over the bytes.
 * @throws OciFailure
 */
export async function readManifestDigest(
  repository: OciRepository,
  reference: string,
): Promise<string | undefined> {
  checkReference(reference);
  const head = await repository.ask({
    doing: `look for ${repository.name} at ${reference}`,
    method: 'HEAD',
    path: `manifests/${reference}`,
    headers: { accept: ACCEPT },
    expect: [200, 404],
  });
  return head.status === 404 ? undefined : (await readManifest(repository, reference))?.digest;
}

/**
 * Writes a manifest's bytes under its digest or under a tag, and reads back what is there.
 * @throws OciFailure
 */
export async function putManifest(
  repository: OciRepository,
  manifest: OciManifest,
  reference: string,
): Promise<void> {
  checkReference(reference);
  const doing = `write ${repository.name} at ${reference}`;
  await repository.ask({
    doing,
    method: 'PUT',
    path: `manifests/${reference}`,
    headers: { 'content-type': manifest.mediaType },
    body: new Uint8Array(manifest.bytes),
    expect: [201, 202],
  });
  const there = await readManifestDigest(repository, reference);
  if (there === manifest.digest) return;
  throw new OciFailure({
    happened: `Wrote ${manifest.digest} to ${repository.name} at ${reference}, but ${there ?? 'nothing'} is there.`,
    outcome: 'unknown',
    retryable: there === undefined,
    advice: 'Somebody else writes to this tag, or the registry lags behind: look at both images.',
  });
}

/**
 * Points a tag at a manifest that the repository holds already. A tag that holds another digest is never moved,
 * unless that digest is the one named as `replaces` (a moving tag such as `latest`).
 *
 * The protocol knows no conditional write: between our look and our write somebody else could move the tag, which
 * the reading back can show but not prevent.
 * @throws OciFailure with both digests on a conflict
 */
export async function tagManifest(
  repository: OciRepository,
  options: { digest: string; tag: string; replaces?: string },
): Promise<'tagged' | 'already_there'> {
  if (isDigest(options.tag))
    throw refuse(`${options.tag} is a digest, not a tag.`, 'This is a mistake in windlass: report it.');
  const there = await readManifestDigest(repository, options.tag);
  if (there === options.digest) return 'already_there';
  if (there !== undefined && there !== options.replaces) {
    throw refuse(
      `The tag ${options.tag} of ${repository.name} holds another image: there ${there}, ours ${options.digest}.`,
      'Somebody else pushed this tag; find out who, and release under the next version if it must stay.',
    );
  }
  const manifest = await readManifest(repository, options.digest);
  if (!manifest) {
    throw refuse(
      `${repository.name} does not hold ${options.digest}.`,
      'Push the image by its digest first.',
    );
  }
  await putManifest(repository, manifest, options.tag);
  return 'tagged';
}

/** The media type that a manifest names itself, else what it was sent as. */
export function readMediaType(bytes: Buffer, sentAs: string | null): string {
  const { mediaType, manifests } = JSON.parse(bytes.toString('utf8')) as {
    mediaType?: unknown;
    manifests?: unknown;
  };
  if (typeof mediaType === 'string') return mediaType;
  return sentAs ?? (Array.isArray(manifests) ? OCI_INDEX : OCI_MANIFEST);
}

function checkReference(reference: string): void {
  if (isDigest(reference) || /^\w[\w.-]{0,127}$/.test(reference)) return;
  throw refuse(
    `${JSON.stringify(reference.slice(0, 150))} is neither a tag nor a sha256 digest.`,
    'Correct it.',
  );
}
