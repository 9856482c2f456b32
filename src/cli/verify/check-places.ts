/** What stands where everybody can look: the registries' bytes, and the tag in the repository. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Installation } from '../../config/installation.ts';
import { askMirror, askRemote, type Mirror, openMirror } from '../../integrations/git/mirror/mirror.ts';
import { tagRef } from '../../integrations/git/names.ts';
import type { Store } from '../../providers/store/store.ts';
import type { LedgerRelease } from '../../release/attestation/find-release.ts';
import type { Finding } from '../../release/attestation/finding.ts';
import type { FactOf } from '../../release/ledger/facts.ts';
import { printable } from '../../release/plan/printable.ts';
import { LIMITS_MS } from '../../release/policy/default-times.ts';
import type { ProductSettings } from '../../release/settings.ts';
import { lookAtPublication } from '../../workers/look-at-publication.ts';

/** Whether each registry gives out the very bytes that the ledger says were published there. */
export async function checkRegistries(
  installation: Installation,
  product: string,
  store: Store,
  { facts }: LedgerRelease,
): Promise<Finding[]> {
  const latest = new Map(facts.published.map((each) => [`${each.registry} ${each.package}`, each]));
  return await Promise.all(
    [...latest.values()].map(async (published): Promise<Finding> => {
      const about = `registry ${published.registry}`;
      try {
        const { registry, package: packed, digest, version } = published;
        const publication = { registry, name: packed, url: '', digest, tags: [] };
        const proof = await lookAtPublication(installation, store, { product, version, publication });
        return { about, state: 'holds', says: `${packed} ${version}: ${proof}.` };
      } catch (error) {
        const isConflict = (error as Error).name === 'RegistryConflict';
        return { about, state: isConflict ? 'broken' : 'unknown', says: describe(error, published) };
      }
    }),
  );
}

/** Whether the repository's tag points to the released commit. */
export async function checkTag(
  product: Pick<ProductSettings, 'repositoryUrl'>,
  { facts, commit }: LedgerRelease,
  token: string | undefined,
): Promise<Finding[]> {
  const tagged = facts.tagged.find((each) => each.commit === commit);
  if (tagged === undefined) return [];
  const about = 'tag in the repository';
  return await withFolder(async (folder): Promise<Finding[]> => {
    try {
      const signal = AbortSignal.timeout(LIMITS_MS.request);
      const mirror = await openMirror({ url: product.repositoryUrl, folder, token, signal });
      const found = await fetchTag(mirror, tagged.tag);
      return found === commit
        ? [{ about, state: 'holds', says: `${tagged.tag} points to ${commit}.` }]
        : [{ about, state: 'broken', says: `${tagged.tag} points to ${found}, and not to ${commit}.` }];
    } catch (error) {
      return [{ about, state: 'unknown', says: describe(error) }];
    }
  });
}

/** The commit to which a tag of the remote points. */
async function fetchTag(mirror: Mirror, tag: string): Promise<string> {
  const ref = tagRef(tag);
  const from = ['--', mirror.url, `${ref}:${ref}`];
  await askRemote(mirror, ['fetch', '--quiet', '--no-tags', '--depth=1', ...from]);
  const { stdout } = await askMirror(mirror, ['rev-parse', '--verify', `${ref}^{commit}`]);
  return stdout.toString('utf8').trim();
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'windlass-verify-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function describe(error: unknown, published?: FactOf<'published'>): string {
  const [first = ''] = printable(error instanceof Error ? error.message : String(error)).split('\n');
  const what = published === undefined ? '' : `${published.package} ${published.version}: `;
  return `${what}${first.slice(0, 300)}`;
}
