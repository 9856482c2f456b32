import { webAddress } from '../../../release/plan/links/web-address.ts';
import { escapePackageName, type NpmConnection, requestNpm } from './connection.ts';
import { NpmFailure } from './failure.ts';
import { readDocument } from './read.ts';

/** Who a package belongs to, where its registry tells that a login is not among them. */
export interface OthersPackage {
  /** Those who may publish it. */
  owners: string[];
  /** Whether the login may read it all the same. */
  reads: boolean;
}

/**
 * Finds out whether a name is somebody else's. A registry with a list of who may do what, as npm's own
 * (`npm access list collaborators`), decides by it. In others a version's maintainers are what its publisher wrote, so
 * these count only where the package comes from another repository as well.
 *
 * @param manifest our own package.json
 * @returns undefined for a free name, for our own, and where the registry does not tell
 */
export async function findOthers(
  connection: NpmConnection,
  name: string,
  login: string,
  manifest: Readonly<Record<string, unknown>>,
): Promise<OthersPackage | undefined> {
  const rights = await readRights(connection, name);
  if (rights !== undefined) {
    const own = Object.hasOwn(rights, login) ? rights[login] : undefined;
    const owners = Object.keys(rights).filter((one) => rights[one] === 'write');
    return own === 'write' ? undefined : { owners, reads: own === 'read' };
  }
  const document = await readDocument(connection, name);
  const latest = partOf(partOf(document, 'versions'), String(partOf(document, 'dist-tags')['latest'] ?? ''));
  const listed = latest['maintainers'];
  const owners = (Array.isArray(listed) ? listed : []).flatMap((one: unknown) => nameOf(one) ?? []);
  const [theirs, ours] = [latest, manifest].map(({ repository }) => readAddress(repository));
  const isOthers = owners.length > 0 && !owners.includes(login) && theirs !== null && ours !== null;
  return isOthers && theirs !== ours ? { owners, reads: false } : undefined;
}

/** Undefined where the registry has no such list, or the package is not there. */
async function readRights(
  connection: NpmConnection,
  name: string,
): Promise<Record<string, unknown> | undefined> {
  try {
    const rights = await requestNpm(connection, `-/package/${escapePackageName(name)}/collaborators`, {
      doing: 'read who may publish',
      query: { format: 'cli' },
    });
    return Object.values(rights).some((right) => right === 'write' || right === 'read') ? rights : undefined;
  } catch (error) {
    if (error instanceof NpmFailure) return undefined;
    throw error;
  }
}

function nameOf(person: unknown): string | undefined {
  if (typeof person === 'string') return /^[^<(]*/.exec(person)?.[0].trim() || undefined;
  const { name } = partOf({ person }, 'person');
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** The web address that package.json's `repository` means; null for none that can be compared. */
function readAddress(repository: unknown): string | null {
  const url = typeof repository === 'string' ? repository : partOf({ repository }, 'repository')['url'];
  if (typeof url !== 'string') return null;
  const short = /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(url);
  return webAddress(short === null ? url.replace(/^git\+/, '') : `https://github.com/${short[1]}`);
}

function partOf(value: unknown, key: string): Record<string, unknown> {
  const part = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : null;
  return typeof part === 'object' && part !== null ? (part as Record<string, unknown>) : {};
}
