/** What the ledger by itself says of a release, from its start to production. Pure. */
import type { LedgerEntry } from '../ledger/entry.ts';
import type { LedgerFact } from '../ledger/facts.ts';
import { describeGate, listGateNames } from '../policy/gates.ts';
import type { ProductSettings } from '../settings.ts';
import type { LedgerRelease } from './find-release.ts';
import type { Finding } from './finding.ts';

/** In their order: who began it, the plan, the commit, the build, its gates. */
export function checkOrigin(
  product: ProductSettings,
  entries: readonly LedgerEntry[],
  release: LedgerRelease,
): Finding[] {
  const { facts, planned, commit, build } = release;
  const { started } = facts;
  const made = facts.committed.find((each) => each.commit === commit);
  const wrote = (fact: LedgerFact | undefined) => {
    const entry = entries.find((each) => each.fact === fact);
    return entry === undefined ? '' : ` (entry ${entry.number}, signed by ${entry.signer}, ${entry.at})`;
  };
  return [
    started === undefined
      ? { about: 'start', state: 'broken', says: 'Nobody is known to have started this release.' }
      : {
          about: 'start',
          state: 'holds',
          says: `Started by ${started.by}, ${started.via}${wrote(started)}.`,
        },
    made === undefined || made.binds !== planned.binds || made.planHash !== planned.planHash
      ? { about: 'commit', state: 'unknown', says: `No commit was made from the plan${wrote(planned)} yet.` }
      : {
          about: 'commit',
          state: 'holds',
          says: `The commit ${made.commit} was made from exactly the plan of entry ${numberOf(entries, planned)}${wrote(made)}.`,
        },
    build === undefined
      ? {
          about: 'build',
          state: made ? 'broken' : 'unknown',
          says: 'Nothing is known to have been built from it.',
        }
      : {
          about: 'build',
          state: 'holds',
          says: `Built from that commit: ${listBytes(release).join(', ')}${wrote(build.build.fact)}.`,
        },
    ...(build === undefined ? [] : checkGates(product, entries, release)),
  ];
}

/** The digests that the build made: artifact, image, and what is published. */
export function listBytes({ build }: LedgerRelease): string[] {
  const fact = build?.build.fact;
  if (fact?.fact !== 'built') return [];
  return [
    ...new Set(
      [fact.artifact, fact.image, ...fact.files, fact.sbom].filter((digest) => digest !== undefined),
    ),
  ];
}

/** Every gate that the product's policy asks for, on exactly what was built. */
function checkGates(
  product: ProductSettings,
  entries: readonly LedgerEntry[],
  { releaseId, commit, planned, build }: LedgerRelease,
): Finding[] {
  const artifact = build?.build.fact.artifact;
  const wanted = listGateNames(product.gates).filter((name) =>
    product.policy[planned.type].gates.includes(name),
  );
  return wanted.map((name): Finding => {
    const about = `gate ${name}`;
    const gate = describeGate(product, name);
    const ended = entries.findLast(
      ({ fact }) =>
        fact.fact === 'gate_ended' &&
        fact.releaseId === releaseId &&
        fact.gate === name &&
        fact.commit === commit &&
        fact.artifact === artifact,
    );
    const result = ended?.fact.fact === 'gate_ended' ? ended.fact.result : undefined;
    const where = ended === undefined ? '' : ` (entry ${ended.number}, signed by ${ended.signer})`;
    if (result === 'passed') return { about, state: 'holds', says: `Passed for these bytes${where}.` };
    if (result === 'not_configured' || (!gate.script && !gate.showsImage)) {
      return { about, state: 'none', says: 'No script is configured for it.' };
    }
    if (result !== undefined && gate.advisory) {
      return { about, state: 'none', says: `It is advisory, and did not pass: ${result}${where}.` };
    }
    if (gate.skippable)
      return { about, state: 'none', says: 'It did not pass for these bytes; people may pass over it.' };
    return { about, state: 'broken', says: 'It did not pass for these bytes, and nobody may pass over it.' };
  });
}

/** What became of it: merged, tagged, in which environments, and how it ended. */
export function checkOutcome(
  product: ProductSettings,
  entries: readonly LedgerEntry[],
  release: LedgerRelease,
): Finding[] {
  const { facts, commit, planned } = release;
  const of = (list: { commit: string }[]) => list.some((each) => each.commit === commit);
  const tagged = facts.tagged.find((each) => each.commit === commit);
  const { ended } = facts;
  const back = entries.findLast(
    ({ fact }) =>
      fact.fact === 'ended' &&
      fact.outcome === 'rolled_back' &&
      fact.version === planned.version &&
      fact.releaseId !== release.releaseId,
  );
  return [
    ...product.environments.map((environment) => checkEnvironment(environment, entries, release)),
    of(facts.merged)
      ? { about: 'merge', state: 'holds', says: 'The commit was merged.' }
      : { about: 'merge', state: 'unknown', says: 'The commit is not known to have been merged.' },
    tagged === undefined
      ? { about: 'tag', state: 'unknown', says: 'No tag is known of it.' }
      : {
          about: 'tag',
          state: 'holds',
          says: `The ledger knows it as the tag ${tagged.tag} of that commit.`,
        },
    ended === undefined
      ? { about: 'outcome', state: 'unknown', says: 'It has not ended yet.' }
      : ended.outcome === 'released'
        ? { about: 'outcome', state: 'holds', says: 'It ended as released.' }
        : { about: 'outcome', state: 'broken', says: `It ended as ${ended.outcome.replaceAll('_', ' ')}.` },
    ...(back === undefined
      ? []
      : [
          {
            about: 'rollback',
            state: 'broken',
            says: `It was rolled back since (entry ${back.number}, ${back.at}).`,
          } satisfies Finding,
        ]),
  ];
}

/** Deployed from exactly these bytes, and verified there afterwards. */
function checkEnvironment(
  { name, kind }: ProductSettings['environments'][number],
  entries: readonly LedgerEntry[],
  { releaseId, commit, planned, build }: LedgerRelease,
): Finding {
  const about = `environment ${name}`;
  const fact = build?.build.fact;
  const made = fact?.fact === 'built' ? fact : undefined;
  const at = entries.findLastIndex(
    ({ fact: change }) =>
      change.fact === 'environment_changed' &&
      change.releaseId === releaseId &&
      change.environment === name &&
      change.script === 'deploy',
  );
  const deployed = entries[at]?.fact;
  if (deployed?.fact !== 'environment_changed') {
    // A hotfix goes past staging.
    const state = kind === 'production' ? 'unknown' : 'none';
    return { about, state, says: 'This release is not known to have deployed to it.' };
  }
  const where = `entry ${entries[at]?.number}`;
  // An image may be deployed in place of the artifact, and the artifact without the image.
  const isOther = [
    [deployed.artifact, made?.artifact],
    [deployed.image, made?.image],
  ].some(([given, built]) => given !== undefined && given !== built);
  if (isOther || deployed.commit !== commit || deployed.version !== planned.version) {
    return {
      about,
      state: 'broken',
      says: `Other bytes than those that were built were deployed (${where}).`,
    };
  }
  const verified = entries
    .slice(at)
    .find(
      ({ fact: each }) =>
        each.fact === 'verified' &&
        each.releaseId === releaseId &&
        each.environment === name &&
        each.version === planned.version,
    );
  const then = verified
    ? `and found well there (entry ${verified.number}, signed by ${verified.signer})`
    : 'and not verified there by a script';
  return { about, state: 'holds', says: `Exactly these bytes were deployed (${where}), ${then}.` };
}

function numberOf(entries: readonly LedgerEntry[], fact: LedgerFact): number {
  return entries.find((entry) => entry.fact === fact)?.number ?? 0;
}
