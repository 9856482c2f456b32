import { join, posix } from 'node:path';
import type { Built, Publication } from '../../../release/values.ts';
import { RegistryConflict, RegistryMistake } from '../failure.ts';
import type { ReadFile, Registry, RegistryContext } from '../registry.ts';
import { demotePackage, promotePackage, stagingTag, withdrawPackage } from './change-tags.ts';
import type { NpmRegistry, NpmSettings } from './kind.ts';
import { makePackage } from './make-package.ts';
import { preflightNpm } from './preflight.ts';
import { fetchTarball, publishTarball, readPackage, readPublished } from './registry.ts';
import { connectToPublish } from './trust/exchange-identity.ts';

/** npm: a version is there for good, found by dist-tags; `windlass-<version>` is where nobody looks by default. */
export function openNpm(context: RegistryContext): Registry {
  const settings = context.settings as unknown as NpmSettings;
  const { token: secret, path: folder = '' } = settings;
  const npm: NpmRegistry = {
    context,
    settings,
    // A getter: building needs no token, and its role may not read one.
    get connection() {
      const token = secret === undefined ? {} : { token: context.secret(secret) };
      return { registry: settings.url, ...token, signal: context.signal() };
    },
  };
  const inPackage =
    (read: ReadFile): ReadFile =>
    (path) =>
      read(posix.join(folder, path));
  return {
    make: (build) => makePackage(context, build, folder),
    describe: (built) => describePackage(npm, built),
    publish: async (built, releaseId) => ({
      effects: [describePublish(npm, built, releaseId)],
      stays: [stagingTag(built.version)],
    }),
    verify: (publication, version) => verifyPackage(npm, publication, version),
    promote: (published) => promotePackage(npm, published),
    demote: (published) => demotePackage(npm, published),
    withdraw: async (published) => withdrawPackage(npm, published),
    find: (version, read) => findPackage(npm, version, inPackage(read)),
    fetch: async (publication, version) => ({ artifact: await keepTarball(npm, publication, version) }),
    listVersions: async (read) => {
      const name = await readName(inPackage(read));
      return name === undefined ? [] : (await readPackage({ ...npm.connection, name })).versions;
    },
    preflight: async (read, files) => preflightNpm(npm, await readManifest(inPackage(read)), files),
  };
}

function describePackage({ context, settings }: NpmRegistry, built: Built): Publication {
  const { name, version, digest } = built;
  return {
    registry: context.name,
    name,
    url: `${settings.url.replace(/\/$/, '')}/${name}/-/${name.split('/').at(-1)}-${version}.tgz`,
    digest,
    tags: [stagingTag(version)],
  };
}

/** The tarball that passed the gates, under its staging tag. A version cannot be taken back, so read first. */
function describePublish(npm: NpmRegistry, built: Built, releaseId: string) {
  const { context, settings } = npm;
  const { name, version, digest: integrity } = built;
  const tag = stagingTag(version);
  return {
    name: 'npm-package' as const,
    key: `${releaseId}/${context.name}/${name}@${version}`,
    target: `${name}@${version} on ${new URL(settings.url).host}`,
    read: async () => {
      const published = await readPublished({ ...npm.connection, name, version });
      if (!published) return { is: 'absent' as const };
      if (published.integrity === integrity) {
        return { is: 'ours' as const, value: [], proof: integrity };
      }
      return {
        is: 'foreign' as const,
        ours: integrity,
        theirs: published.integrity,
        next: 'that version is taken for good: abort, and release with a higher --version',
      };
    },
    write: async () => {
      await checkFirstPublish(npm, name);
      await context.withScratch(async (folder) => {
        const file = join(folder, 'package.tgz');
        const [tarball] = built.files;
        if (tarball) await context.store.fetchTo(tarball.content, file);
        const access = { access: settings.access, provenance: settings.provenance === true };
        await publishTarball({ ...(await connectToPublish(npm, name)), file, tag, ...access });
      });
    },
  };
}

/** A package's very first publish becomes `latest` whatever is asked, so somebody has to have agreed to that. */
async function checkFirstPublish(
  { context, settings, connection }: NpmRegistry,
  name: string,
): Promise<void> {
  if (settings.allowFirstPublish) return;
  const { exists } = await readPackage({ ...connection, name });
  if (exists) return;
  throw new RegistryMistake(
    `${name} was never published: its first version becomes "latest" at once, before production is verified.`,
    `Set registries.${context.name}.allow_first_publish: true to agree to that, then retry.`,
  );
}

/** Fetches the package back, as a user would, and compares the bytes with those that passed the gates. */
async function verifyPackage(npm: NpmRegistry, publication: Publication, version: string): Promise<string> {
  const fetched = await fetchTarball({ ...npm.connection, name: publication.name, version });
  if (fetched.integrity === publication.digest) return `fetched back: ${fetched.integrity}`;
  throw new RegistryConflict(
    `The registry gives other bytes for ${publication.name}@${version}: ${fetched.integrity}, not ${publication.digest}.`,
    'The version stays under its staging tag. Do not go on: find out who changed it, then abort.',
  );
}

async function findPackage(
  npm: NpmRegistry,
  version: string,
  read: ReadFile,
): Promise<Publication | undefined> {
  const name = await readName(read);
  const published =
    name === undefined ? undefined : await readPublished({ ...npm.connection, name, version });
  if (name === undefined || published === undefined) return undefined;
  return {
    registry: npm.context.name,
    name,
    url: `${npm.settings.url.replace(/\/$/, '')}/${name}`,
    digest: published.integrity,
    tags: [],
  };
}

async function keepTarball(npm: NpmRegistry, publication: Publication, version: string) {
  const { name } = publication;
  const tarball = await fetchTarball({ ...npm.connection, name, version });
  if (tarball.statedIntegrity === undefined || tarball.statedIntegrity.includes(tarball.integrity)) {
    return await npm.context.store.put(tarball.bytes, 'application/gzip');
  }
  throw new RegistryConflict(
    `${name}@${version} has other bytes (${tarball.integrity}) than the registry says (${tarball.statedIntegrity}).`,
    'Find out what stands between Windlass and the registry before anything is deployed from it.',
  );
}

async function readManifest(read: ReadFile): Promise<Record<string, unknown> | undefined> {
  const manifest = await read('package.json');
  if (manifest === undefined) return undefined;
  try {
    return JSON.parse(manifest.toString('utf8')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

async function readName(read: ReadFile): Promise<string | undefined> {
  const name = (await readManifest(read))?.['name'];
  return typeof name === 'string' ? name : undefined;
}
