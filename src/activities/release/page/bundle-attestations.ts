import type { ReleaseActivities } from '../../../contracts/activities.ts';
import type { NewAsset } from '../../../providers/host/host.ts';
import { referTo } from '../../../providers/store/store.ts';
import { chooseAttested } from '../../../release/attestation/choose-attested.ts';
import { factsOf } from '../../../release/ledger/questions.ts';
import type { StoreRef } from '../../../release/store-ref.ts';
import type { ActivityDeps } from '../../deps.ts';

/**
 * What the roles attested of the bytes that the page offers, as files of the page: an in-toto bundle, one envelope in
 * each line, and what the product is made of. All of it comes from this worker's own ledger and store. None where
 * nothing is kept.
 */
export async function bundleAttestations(
  { ledger, attestations, store }: ActivityDeps,
  { product, releaseId, tag, version, assets = [] }: Parameters<ReleaseActivities['createReleasePage']>[0],
): Promise<NewAsset[]> {
  if (!ledger || !attestations) return [];
  const entries = await ledger.read(product);
  const commit = factsOf(entries, releaseId).tagged.find((tagged) => tagged.tag === tag)?.commit ?? '';
  const bytes = assets.map(({ content }) => content.digest);
  const attested = chooseAttested(entries, { releaseId, commit, bytes });
  if (!attested) return [];
  const envelopes = await Promise.all(
    [attested.build, ...attested.gates].map((entry) => attestations.read(entry)),
  );
  // A build from before there were attestations has none.
  const lines = envelopes.filter((envelope) => envelope !== undefined);
  if (lines.length === 0) return [];
  const content = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const name = `${product}-${version}`.replace(/[^\w.-]/g, '-');
  const bundle = { name: `${name}.intoto.jsonl`, ...referTo(content), read: async () => content };
  const sbom = attested.build.fact.fact === 'built' ? attested.build.fact.sbom : undefined;
  if (sbom === undefined) return [bundle];
  const listed = await store.read({ digest: sbom as StoreRef['digest'], bytes: 0 });
  return [bundle, { name: `${name}.cdx.json`, ...referTo(listed), read: async () => listed }];
}
