import { posix } from 'node:path';
import type { Repository } from './look-at-repository.ts';
import { isData, listOf, textOf } from './read-data.ts';

/**
 * Folders of the packages that a tool's globs name, as npm, yarn, pnpm and lerna read them.
 * @param globs what stands in the tool's file: `*` within a folder, `**` over folders, `!` before what is left out
 */
export function findPackages(repository: Repository, globs: readonly unknown[]): string[] {
  const texts = globs.flatMap((glob) => textOf(glob) ?? []);
  const named = texts.filter((glob) => !glob.startsWith('!')).map(readGlob);
  const left = texts.filter((glob) => glob.startsWith('!')).map((glob) => readGlob(glob.slice(1)));
  return repository.files
    .filter((file) => file.endsWith('/package.json') && !file.includes('node_modules/'))
    .map((file) => posix.dirname(file))
    .filter((path) => named.some((glob) => glob.test(path)) && !left.some((glob) => glob.test(path)));
}

function readGlob(glob: string): RegExp {
  const parts = glob.replace(/^\.\/|\/$/g, '').split(/(\*\*\/?|\*)/);
  const pattern = parts.map((part) =>
    part.startsWith('**') ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
  );
  return new RegExp(`^${pattern.join('')}$`);
}

/** Where npm, yarn, bun and pnpm look for the packages of a workspace; empty where there is none. */
export function listWorkspaceGlobs(repository: Repository): unknown[] {
  const own = repository.data('package.json')?.['workspaces'];
  return [
    ...listOf(isData(own) ? own['packages'] : own),
    ...listOf(repository.data('pnpm-workspace.yaml')?.['packages']),
  ];
}
