/** Where a plan is made: the top of the work tree, and the product's folder in it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { askClone } from '../../integrations/git/ask-clone.ts';

export interface Place {
  /** Top of the work tree, or null for a bare repository. */
  top: string | null;
  /** The product's folder, from the top. */
  path: string;
  /** Whether nobody named the folder: it is the package that the command was run in. */
  found: boolean;
}

/** Files that make a folder a package of its own. */
const MANIFEST =
  /^(?:pyproject\.toml|Cargo\.toml|pom\.xml|composer\.json|mix\.exs|pubspec\.ya?ml|Chart\.ya?ml|go\.mod|[^/]+\.(?:cs|fs|vb)proj)$/;

/**
 * Finds the place. Run inside a package of a monorepo, the package is meant, as npm and cargo mean it.
 *
 * @param asked the folder that somebody named, from the top of the repository
 */
export async function findPlace(repository: string, asked: string | null): Promise<Place> {
  // The usual places need no question to git.
  const isHere = (name: string) => existsSync(join(repository, name));
  if (isHere('.git')) return { top: repository, path: asked ?? '', found: false };
  if (['HEAD', 'objects', 'refs'].every(isHere)) return { top: null, path: asked ?? '', found: false };
  const { code, stdout } = await askClone(repository, ['rev-parse', '--show-toplevel', '--show-prefix']);
  const [top = '', prefix = ''] = stdout.split('\n');
  if (code !== 0 || top === '') return { top: null, path: asked ?? '', found: false };
  if (asked !== null) return { top, path: asked, found: false };
  const { foldersUp } = await import('../../release/plan/version-files/file-source.ts');
  const inside = foldersUp(prefix.replace(/\/$/, '')).find(
    (folder) => folder !== '' && isPackage(join(top, folder)),
  );
  return { top, path: inside ?? '', found: inside !== undefined };
}

/** The configuration at the top of a repository, where there is one: as "windlass init" writes it, or a person. */
export function findConfigured(top: string): string | null {
  return ['windlass.yaml', 'windlass.yml'].find((name) => existsSync(join(top, name))) ?? null;
}

function isPackage(folder: string): boolean {
  return readdirSync(folder).some((name) => MANIFEST.test(name)) || readPackageName(folder) !== null;
}

function readPackageName(folder: string): string | null {
  try {
    const name: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name;
    return typeof name === 'string' && name !== '' ? name : null;
  } catch {
    // No package.json, or not a readable one.
    return null;
  }
}

/** What the product calls itself: its package's name where there is one, else its folder's. */
export function nameProduct(repository: string, { top, path }: Place): { title: string; names: string[] } {
  const folder = join(top ?? repository, path);
  const short = basename(folder);
  const name = readPackageName(folder);
  const bare = name?.replace(/^@[^/]*\//, '');
  // Go's modules are tagged by their path.
  const names = [name, bare, short, path].filter((one) => one != null && one !== '');
  return { title: name ?? short, names: [...new Set(names as string[])] };
}
