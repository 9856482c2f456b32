import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { StoreRef } from '../../../release/store-ref.ts';
import type { Built, Publication } from '../../../release/values.ts';
import { RegistryConflict, RegistryMistake } from '../failure.ts';
import type { Build, Registry, RegistryContext } from '../registry.ts';
import { badAnswer, digestOfFiles, FILE_NAME, readTexts } from './answers.ts';
import { callProgram, findVersion, packageName } from './call.ts';
import { demoteVersion, describePublish, promoteVersion, withdrawVersion } from './changes.ts';

/**
 * Any other registry, by a program of the team's own with the verbs of the seam. The program does one thing at a time;
 * that it is done exactly once, by whom and with which bytes, is Windlass's part.
 */
export function openScript(context: RegistryContext): Registry {
  const name = packageName(context);
  return {
    make: (build) => takeFiles(context, build),
    describe: ({ digest }) => ({ registry: context.name, name, url: '', digest, tags: [] }),
    publish: async (built, releaseId) => ({
      effects: [describePublish(context, built, releaseId)],
      stays: [built.version],
    }),
    verify: (publication, version) => verifyFiles(context, publication, version),
    promote: (published) => promoteVersion(context, published),
    demote: (published) => demoteVersion(context, published),
    withdraw: (published) => withdrawVersion(context, published),
    find: async (version) => {
      const found = await findVersion(context, version);
      if (found === undefined) return undefined;
      const { url = '' } = found;
      return { registry: context.name, name, url, digest: digestOfFiles(found.files), tags: [version] };
    },
    fetch: async (publication, version) => {
      const files = await fetchFiles(context, publication, version, (path) => context.store.putFile(path));
      const [only, ...more] = files;
      // Of several files nobody can tell which is the one to deploy.
      return only === undefined || more.length > 0 ? {} : { artifact: only.kept };
    },
    listVersions: () =>
      callProgram(context, { verb: 'list' }, async ({ output }) => readTexts(output, 'versions')),
    preflight: () =>
      callProgram(context, { verb: 'check' }, async ({ output }) =>
        readTexts(output, 'problems').map((problem) => ({ found: `registries.${context.name}: ${problem}` })),
      ),
  };
}

/** The files that the build script named for this registry, else the artifact. */
async function takeFiles(context: RegistryContext, build: Build): Promise<Built> {
  const packages = build.output['packages'] as Record<string, unknown> | undefined;
  const named = [packages?.[context.name] ?? build.output['artifact'] ?? []].flat();
  if (named.length === 0 || !named.every((path) => typeof path === 'string')) {
    throw new RegistryMistake(
      `The build script named no files for registries.${context.name}.`,
      `Have it write {"packages": {"${context.name}": ["dist/…"]}} to WINDLASS_OUTPUT, then replan.`,
    );
  }
  const files: Built['files'] = [];
  for (const path of named) {
    const name = basename(path);
    if (!FILE_NAME.test(name) || files.some((file) => file.name === name)) {
      throw new RegistryMistake(
        `${JSON.stringify(name.slice(0, 100))} is no name for a file of registries.${context.name}, or there are two of it.`,
        'Use letters, digits and ._+@=- in it, then replan.',
      );
    }
    const file = await build.findMade(build.folder, path, `a file for registries.${context.name}`);
    files.push({ name, content: await context.store.putFile(file) });
  }
  const digests = files.map((file) => ({ name: file.name, digest: file.content.digest }));
  return {
    registry: context.name,
    name: packageName(context),
    version: build.version,
    digest: digestOfFiles(digests),
    files,
  };
}

/** Has the program fetch the files as a user would, and compares what came with what passed the gates. */
async function verifyFiles(
  context: RegistryContext,
  publication: Publication,
  version: string,
): Promise<string> {
  await fetchFiles(context, publication, version, async () => undefined);
  return `fetched back: ${publication.digest}`;
}

async function fetchFiles<T extends StoreRef | undefined>(
  context: RegistryContext,
  publication: Publication,
  version: string,
  keep: (path: string) => Promise<T>,
): Promise<{ name: string; digest: string; kept: T }[]> {
  return await context.withScratch(async (scratch) => {
    const folder = join(scratch, 'fetched');
    await mkdir(folder);
    return await callProgram(context, { verb: 'fetch', version, folder }, async ({ output }) => {
      const files: { name: string; digest: string; kept: T }[] = [];
      for (const name of readTexts(output, 'files')) {
        const path = await realpath(join(folder, name)).catch(() => '');
        if (!FILE_NAME.test(name) || !path.startsWith((await realpath(folder)) + sep)) {
          throw badAnswer(
            context.name,
            'fetch',
            `"files" with names of files in its folder, not ${JSON.stringify(name.slice(0, 100))}`,
          );
        }
        files.push({ name, digest: await digestOfFile(path), kept: await keep(path) });
      }
      if (files.length > 0 && digestOfFiles(files) === publication.digest) return files;
      throw new RegistryConflict(
        `${context.name} gives other bytes for ${publication.name} ${version}: ${files.length === 0 ? 'nothing' : digestOfFiles(files)}, not ${publication.digest}.`,
        'Do not go on: find out who changed it, then abort.',
      );
    });
  });
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest('hex')}`;
}
