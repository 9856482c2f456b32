import { readFile } from 'node:fs/promises';
import libnpmpublish from 'libnpmpublish';
import ssri from 'ssri';
import { checkDistTag, type NpmConnection, npmOptions } from './connection.ts';
import { describeNpmFailure, NpmFailure } from './failure.ts';
import type { NpmAccess } from './kind.ts';
import { readPublished } from './read.ts';
import { type PackedManifest, readPackedManifest, readPackedReadme } from './tarball.ts';

/** What `publishTarball` is given: the packed file, and the one dist-tag that the publish may set. */
export interface PublishRequest extends NpmConnection {
  /** Path of the `.tgz`; its own package.json says name and version. */
  file: string;
  /** The dist-tag that points at it afterwards. `latest` only if asked, except for a package's first publish. */
  tag: string;
  access: NpmAccess;
  /** With a statement of where it was built, signed by CI's identity. */
  provenance?: boolean;
}

/**
 * Sends one packed tarball, once.
 *
 * `already_there`: the registry refused (403 or 409) and holds exactly these bytes under this version. Where it
 * holds other bytes, or the answer got lost, an `NpmFailure` says so; the caller reads back in every case.
 * A package's very first publish also sets `latest`, whatever `tag` is: ask `readPackage` for consent before.
 * @throws NpmFailure
 */
export async function publishTarball(request: PublishRequest): Promise<'published' | 'already_there'> {
  const tag = checkDistTag(request.tag);
  const bytes = await readFile(request.file);
  const manifest = readPackedManifest(bytes);
  // A field "tag" in package.json would beat the tag that was asked for.
  delete manifest['tag'];
  const { name, version } = manifest;
  completeManifest(manifest, bytes);
  const doing = `publish ${name}@${version}`;
  if (manifest['private'] === true) {
    throw new NpmFailure({
      happened: `Could not ${doing}: its package.json says "private": true.`,
      outcome: 'unchanged',
      retryable: false,
      advice: 'Remove "private" from package.json, or take npm out of `publish_registries`.',
    });
  }
  if (request.access === 'restricted' && !name.startsWith('@')) {
    throw new NpmFailure({
      happened: `Could not ${doing}: only packages with a scope (@team/name) can be restricted.`,
      outcome: 'unchanged',
      retryable: false,
      advice: 'Give the package a scope or set `access: public`.',
    });
  }
  try {
    await libnpmpublish.publish(manifest as never, bytes, {
      ...npmOptions(request),
      access: request.access,
      defaultTag: tag,
      ...(request.provenance ? { provenance: true } : {}),
    });
    return 'published';
  } catch (error) {
    const failure = describeNpmFailure(error, {
      doing,
      registry: request.registry,
      writes: true,
      secret: request.token,
    });
    if (failure.status !== 403 && failure.status !== 409) throw failure;
    return await explainRefusal(request, { name, version, bytes }, failure);
  }
}

async function explainRefusal(
  request: PublishRequest,
  ours: { name: string; version: string; bytes: Buffer },
  refusal: NpmFailure,
): Promise<'already_there'> {
  const published = await readPublished({ ...request, name: ours.name, version: ours.version });
  if (!published) throw refusal;
  if (sameBytes(published.integrity, ours.bytes)) return 'already_there';
  throw new NpmFailure({
    happened:
      `${ours.name}@${ours.version} is at ${new URL(request.registry).host} already, with other content: ` +
      `there ${published.integrity}, ours ${ssri.fromData(ours.bytes, { algorithms: ['sha512'] })}.`,
    outcome: 'unchanged',
    retryable: false,
    advice: 'Somebody else published this version; a version cannot be replaced, so release the next one.',
    status: refusal.status,
  });
}

/** What npm itself adds before it sends a manifest: the README for the registry's page, and `bin` as a map. */
function completeManifest(manifest: PackedManifest, bytes: Buffer): void {
  const readme = manifest['readme'] === undefined ? readPackedReadme(bytes) : undefined;
  if (readme) Object.assign(manifest, { readme: readme.text, readmeFilename: readme.name });
  const { bin } = manifest;
  if (typeof bin === 'string') manifest['bin'] = { [manifest.name.split('/').at(-1) ?? '']: bin };
}

/** Whether bytes match a stated integrity of any algorithm that npm registries use. */
function sameBytes(integrity: string, bytes: Buffer): boolean {
  return ssri.checkData(bytes, integrity) !== false;
}
