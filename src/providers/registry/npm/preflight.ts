import type { FileSource } from '../../../release/plan/version-files/file-source.ts';
import { NpmFailure } from './failure.ts';
import type { NpmRegistry } from './kind.ts';
import { checkLogin, readPackage } from './registry.ts';
import { resolveRanges } from './workspace/resolve-ranges.ts';

/**
 * What an npm registry would refuse at publishing, found before anybody is asked for anything. One sentence each; a
 * registry that does not answer is a failure, for the caller to say.
 * @throws NpmFailure
 */
export async function preflightNpm(
  { context, settings, connection }: NpmRegistry,
  manifest: Record<string, unknown> | undefined,
  files: FileSource,
): Promise<string[]> {
  const name = manifest?.['name'];
  const at = `registries.${context.name}`;
  if (typeof name !== 'string') {
    return [`${at}: there is no package.json with a name in ${context.product.path || 'the repository'}`];
  }
  const found: string[] = [];
  if (manifest?.['private'] === true) {
    found.push(
      `${name} says "private": true: take it out of package.json, or ${context.name} out of publish_registries`,
    );
  }
  const { unresolved } = await resolveRanges(manifest ?? {}, files, context.product.path);
  // A build script may pack by itself what nothing here could.
  if (unresolved.length > 0 && context.product.scripts.build === undefined) {
    found.push(
      `${name} depends on ${unresolved.slice(0, 5).join(', ')}, which no registry has: say the range that is meant, or configure scripts.build and pack with the workspace's own tool there`,
    );
  }
  if (settings.access === 'restricted' && !name.startsWith('@')) {
    found.push(
      `${name} has no scope, so it can only be public: set ${at}.access: public, or name it @team/${name}`,
    );
  }
  try {
    found.push(...(await askRegistry({ context, settings, connection }, name)));
  } catch (error) {
    // What the package itself says stands, whether the registry answers or not.
    if (found.length === 0) throw error;
  }
  return found;
}

async function askRegistry({ context, settings, connection }: NpmRegistry, name: string): Promise<string[]> {
  const at = `registries.${context.name}`;
  const found: string[] = [];
  if (settings.token !== undefined && !(await knowsToken(connection))) {
    found.push(`${new URL(settings.url).host} does not take the token (${at}.token): put a valid one there`);
  }
  if (!settings.allowFirstPublish && !(await readPackage({ ...connection, name })).exists) {
    found.push(
      `${name} was never published: its first version becomes "latest" at once; set ${at}.allow_first_publish: true to agree to that`,
    );
  }
  return found;
}

/** Not every registry can say whose a token is; only a plain "no" counts. */
async function knowsToken(connection: NpmRegistry['connection']): Promise<boolean> {
  try {
    await checkLogin(connection);
    return true;
  } catch (error) {
    if (error instanceof NpmFailure && error.status !== undefined) return error.status !== 401;
    throw error;
  }
}
