import { verifySigned } from '../../integrations/signing/signing.ts';
import type { LedgerEntry } from '../../release/ledger/entry.ts';
import { type ReleaseFacts, wasLive } from '../../release/ledger/questions.ts';
import type { EnvironmentScriptName, ProductSettings } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';
import type { Change } from './change.ts';
import { isOfTheProduct } from './find-public-commit.ts';
import { type Answer, type Asked, refuseReplaced, refuseUntested, show } from './ledger-checks.ts';

/** Scripts that look at an environment; with its secrets at hand, so whose they are matters all the same. */
const LOOKS: readonly EnvironmentScriptName[] = ['status', 'verify', 'smoke'];

/** Flows that bring nothing of their own. */
const OF_WHAT_RAN = ['rollback', 'monitoring'];

/** A script with an environment's secrets: whose it is, what it brings, and whether that may be there. */
export async function refuseScript(asked: Asked, change: Change<'environment_script'>): Promise<Answer> {
  const { deps, product, facts, started, entries } = asked;
  const { script, version, environment, commit } = change;
  const isOfWhatRan = OF_WHAT_RAN.includes(started.kind) && isCommitOfWhatRan(entries, change);
  const foreign = isOfWhatRan ? undefined : await refuseCommit(deps, product, facts, commit);
  if (foreign !== undefined || LOOKS.includes(script)) return foreign;
  const isOwn = facts.planned.some((planned) => planned.version === version);
  if (script === 'rollback' || (script === 'deploy' && !isOwn && !started.kind.startsWith('deployment'))) {
    return isOwn
      ? `${show(version)} is what this release brings`
      : await refuseTarget(asked, environment, version);
  }
  if (script === 'restore') return refuseRestore(asked, change);
  if (started.kind.startsWith('deployment')) {
    const builds = entries.flatMap(({ fact }) =>
      fact.fact === 'built' && fact.version === version ? [fact] : [],
    );
    const isSame = builds.some(
      ({ artifact, image }) => artifact === change.artifact && image === change.image,
    );
    const isOlder = builds.length === 0 && (await isOfTheProduct(deps, product, { version }));
    return isSame || isOlder ? undefined : `${show(version)} was not built with those bytes`;
  }
  const isBuilt = facts.built.some(
    (each) =>
      each.commit === commit &&
      each.version === version &&
      each.artifact === change.artifact &&
      each.image === change.image,
  );
  if (!isBuilt) return 'those bytes were not built by this release from that commit';
  return refuseUntested(product, facts, commit) ?? refuseReplaced(facts, commit);
}

/** What goes back, or looks at what is live, uses the scripts of what runs there: that may not be merged yet. */
export function isCommitOfWhatRan(
  entries: readonly LedgerEntry[],
  { environment, commit }: { environment: string; commit: string },
): boolean {
  return entries.some(
    ({ fact }) =>
      fact.fact === 'environment_changed' && fact.environment === environment && fact.commit === commit,
  );
}

/** Only to a version that was live there, or that was released before anything was written down. */
async function refuseTarget(
  { deps, product, entries }: Asked,
  environment: string,
  version: string,
): Promise<Answer> {
  if (wasLive(entries, environment, version)) return undefined;
  const isNew = entries.some(
    ({ fact }) => (fact.fact === 'planned' || fact.fact === 'published') && fact.version === version,
  );
  if (!isNew && (await isOfTheProduct(deps, product, { version }))) return undefined;
  return `${show(version)} was never live in ${environment}`;
}

/** The backup that this release took, after its migrations, by the configuration's word or a person's signed order. */
function refuseRestore({ deps, product, facts }: Asked, change: Change<'environment_script'>): Answer {
  const { environment, backup, order, releaseId } = change;
  const changed = facts.changed.filter((each) => each.environment === environment);
  if (!changed.some((each) => each.backup === backup)) return `${show(backup)} is no backup of this release`;
  if (!changed.some(({ script }) => script === 'migrate')) return 'nothing was migrated';
  const policy = product.environments.find(({ name }) => name === environment)?.restoreDatabase;
  if (policy === 'always') return undefined;
  const command = order && verifySigned(order, deps.installation.api.verifyKeys, readIssued(order));
  const isOrdered = command !== undefined && 'nonce' in command && command.name === 'restore_database';
  return isOrdered && command.product === product.name && command.releaseId === releaseId
    ? undefined
    : 'nobody ordered that the database is restored';
}

/** An order that was given counts for as long as its release: going back may wait for a person. */
function readIssued({ signed }: { signed: string }): Date {
  try {
    return new Date((JSON.parse(signed) as { issuedAt: string }).issuedAt);
  } catch {
    return new Date(0);
  }
}

/** Code that runs with an environment's secrets is the release's own, or what the team merged. */
export async function refuseCommit(
  deps: ActivityDeps,
  product: ProductSettings,
  facts: ReleaseFacts,
  commit: string,
): Promise<Answer> {
  if (facts.committed.some((made) => made.commit === commit)) return undefined;
  if (await isOfTheProduct(deps, product, { commit })) return undefined;
  return `${show(commit)} is neither a commit of this release nor on ${product.release.releaseBranch}`;
}
