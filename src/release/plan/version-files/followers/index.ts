/** What follows which manifest. One more ecosystem is a file of its own and a line here, loaded where it is met. */
import type { FileSource } from '../file-source.ts';
import type { Follow, Following } from './follower.ts';

const FOLLOWERS: Readonly<Record<string, () => Promise<Follow>>> = {
  'package.json': async () => (await import('./npm.ts')).followNpm,
  'pyproject.toml': async () => (await import('./python.ts')).followPython,
  'Cargo.toml': async () => (await import('./cargo.ts')).followCargo,
  'pom.xml': async () => (await import('./maven.ts')).followMaven,
};

/** What moves along with a manifest, by its name; nothing with any other file. */
export async function findFollowing(source: FileSource, path: string, text: string): Promise<Following> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const load = Object.hasOwn(FOLLOWERS, name) ? FOLLOWERS[name] : undefined;
  return (await (await load?.())?.(source, path, text)) ?? { packageNames: [], files: [] };
}
