import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';

/** What tools look for in every folder above the one that they run in: packages, their modules, workspaces, configuration. */
const FOUND_FROM_BELOW = [
  'node_modules',
  'package.json',
  'pnpm-workspace.yaml',
  '.yarnrc.yml',
  'tsconfig.json',
  'go.mod',
  'go.work',
  'Cargo.toml',
  join('.cargo', 'config.toml'),
  'pyproject.toml',
  'pom.xml',
  'settings.gradle',
  'settings.gradle.kts',
  'Directory.Build.props',
];

/** The repository that a folder lies in, by its `.git`; undefined where a checkout in it stands alone. */
export function findRepositoryAbove(folder: string): string | undefined {
  return findUp(folder, ['.git']);
}

/** The nearest package, workspace or configuration above a folder (or in it) that a tool might find from there. */
export function findStrayAbove(folder: string): string | undefined {
  return findUp(folder, FOUND_FROM_BELOW);
}

function findUp(folder: string, names: readonly string[]): string | undefined {
  for (let here = resolve(folder); ; here = dirname(here)) {
    const found = names.map((name) => join(here, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (here === dirname(here)) return undefined;
  }
}

/** Windlass's own folder beside a configuration is nobody's to commit: it says so itself, as caches of other tools do. */
export async function keepOutOfGit(path: string): Promise<void> {
  const parts = resolve(path).split(sep);
  const at = parts.lastIndexOf('.windlass');
  if (at < 0) return;
  const file = join(parts.slice(0, at + 1).join(sep), '.gitignore');
  await writeFile(file, '# Made by Windlass: what it keeps here is not part of the repository.\n*\n', {
    flag: 'wx',
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error;
  });
}
