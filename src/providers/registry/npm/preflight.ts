import { type FileSource, joinPath } from '../../../release/plan/version-files/file-source.ts';
import { describeRefusal } from '../describe-refusal.ts';
import type { RegistryProblem } from '../registry.ts';
import { NpmFailure } from './failure.ts';
import { findOthers, type OthersPackage } from './find-owners.ts';
import type { NpmRegistry } from './kind.ts';
import { checkLogin, readPackage } from './registry.ts';
import { connectToPublish } from './trust/exchange-identity.ts';
import { resolveRanges } from './workspace/resolve-ranges.ts';

/**
 * What an npm registry would refuse at publishing, found before anybody is asked for anything; a
 * registry that does not answer is a failure, for the caller to say.
 * @throws NpmFailure
 */
export async function preflightNpm(
  { context, settings, connection }: NpmRegistry,
  manifest: Record<string, unknown> | undefined,
  files: FileSource,
): Promise<RegistryProblem[]> {
  const name = manifest?.['name'];
  const at = `registries.${context.name}`;
  const folder = joinPath(context.product.path, settings.path ?? '');
  if (typeof name !== 'string') {
    return [
      {
        found: `${at}: there is no package.json with a name in ${folder || 'the repository'}`,
        advice: 'add one, or say under path where it is',
      },
    ];
  }
  const found: RegistryProblem[] = [];
  if (manifest?.['private'] === true) {
    found.push({
      found: `${name} says "private": true`,
      advice: `take it out of package.json, or ${context.name} out of publish_registries`,
    });
  }
  // A build script may pack by itself what nothing here could.
  if (context.product.scripts.build === undefined) {
    const { unresolved } = await resolveRanges(manifest ?? {}, files, folder);
    if (unresolved.length > 0) {
      found.push({
        found: `${name} depends on ${unresolved.slice(0, 5).join(', ')}, which no registry has`,
        advice:
          "say the range that is meant, or configure scripts.build and pack with the workspace's own tool there",
      });
    }
  }
  if (settings.access === 'restricted' && !name.startsWith('@')) {
    found.push({
      found: `${name} has no scope, so it can only be public`,
      advice: `set ${at}.access: public, or name it @team/${name}`,
    });
  }
  if (settings.provenance && settings.access !== 'public') {
    found.push({
      found: 'npm states where it was built of public packages only',
      advice: `set ${at}.access: public, or take provenance out`,
    });
  }
  try {
    found.push(...(await askRegistry({ context, settings, connection }, name, manifest ?? {})));
  } catch (error) {
    // What the package itself says stands, whether the registry answers or not.
    if (found.length === 0) throw error;
  }
  return found;
}

async function askRegistry(
  { context, settings, connection }: NpmRegistry,
  name: string,
  manifest: Record<string, unknown>,
): Promise<RegistryProblem[]> {
  const at = `registries.${context.name}`;
  const found: RegistryProblem[] = [];
  const host = new URL(settings.url).host;
  const whose = settings.token === undefined ? undefined : await readOwner(connection);
  if (whose === 'nobody') {
    found.push({ found: `${host} does not take the token (${at}.token)`, advice: 'put a valid one there' });
  } else if (whose !== undefined) {
    const others = await findOthers(connection, name, whose.login, manifest);
    if (others !== undefined) found.push(describeOthers(name, host, whose.login, others));
  }
  const { exists } = await readPackage({ ...connection, name });
  if (settings.trustedPublishing)
    found.push(...(await tryIdentity({ context, settings, connection }, name, exists)));
  if (!settings.allowFirstPublish && !exists) {
    found.push({
      found: `${name} was never published`,
      advice: `its first version becomes "latest" at once; set ${at}.allow_first_publish: true to agree to that`,
    });
  }
  return found;
}

/** Trusted publishing is agreed to by the registry, package by package: an exchange changes nothing, and shows it. */
async function tryIdentity(npm: NpmRegistry, name: string, exists: boolean): Promise<RegistryProblem[]> {
  const at = `registries.${npm.context.name}`;
  const found: RegistryProblem[] = [];
  if (npm.settings.token === undefined) {
    found.push({
      found: 'trusted publishing gives tokens that publish and nothing else',
      advice: `name a token for dist-tags and deprecation too (${at}.token)`,
    });
  }
  if (!exists) {
    found.push({
      found: `${name} was never published, and only a package that is there can have a trusted publisher`,
      advice: 'publish its first version by a token',
    });
    return found;
  }
  try {
    await connectToPublish(npm, name);
  } catch (error) {
    if (!(error instanceof NpmFailure) || error.retryable) throw error;
    found.push(describeRefusal(error));
  }
  return found;
}

/** Not every registry can say whose a token is; only a plain "no" counts. */
async function readOwner(
  connection: NpmRegistry['connection'],
): Promise<{ login: string } | 'nobody' | undefined> {
  try {
    return { login: await checkLogin(connection) };
  } catch (error) {
    if (!(error instanceof NpmFailure) || error.status === undefined) throw error;
    return error.status === 401 ? 'nobody' : undefined;
  }
}

/** A name that is taken, or a right that is not there: the same to the registry, and not to people. */
function describeOthers(
  name: string,
  host: string,
  login: string,
  { owners, reads }: OthersPackage,
): RegistryProblem {
  if (reads) {
    return {
      found: `${login} may not publish ${name} on ${host}`,
      advice: 'have an owner of the package give it write access (npm access grant, or npm owner add)',
    };
  }
  const shown = owners.slice(0, 3).join(', ') || 'others';
  const more = owners.length > 3 ? ` and ${owners.length - 3} more` : '';
  return {
    found: `the name ${name} is taken on ${host}, where it belongs to ${shown}${more}, and ${login} may not publish it`,
    advice: `take a name of your own, such as @${login}/${name.replace(/^@[^/]*\//, '')}, or have one of them let ${login} in (npm owner add)`,
  };
}
