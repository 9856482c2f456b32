import { incidentWorkflowId } from '../../contracts/workflow-ids.ts';
import { verifySigned } from '../../integrations/signing/signing.ts';
import type { LedgerEntry } from '../../release/ledger/entry.ts';
import type { FactOf } from '../../release/ledger/facts.ts';
import { findStart } from '../../release/ledger/find-start.ts';
import {
  factsOf,
  lastVersion,
  type ReleaseFacts,
  wasLive,
  wasPublished,
} from '../../release/ledger/questions.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';
import type { Change, ChangeName } from './change.ts';
import { isOfTheProduct } from './find-public-commit.ts';
import { type Answer, type Asked, refuseReplaced, refuseUntested, show } from './ledger-checks.ts';
import { isCommitOfWhatRan, refuseCommit, refuseScript } from './refuse-script.ts';

type Rule<Name extends ChangeName> = (asked: Asked, change: Change<Name>) => Answer | Promise<Answer>;

/** What may follow the end of a release: its post-mortem, and the same ending told again. */
const AFTER_END: readonly ChangeName[] = ['issue', 'notice', 'archive', 'trail', 'metrics'];

/**
 * What the ledger says of a change: that the API's signature began the release, that the plan, the commit and the bytes
 * are those which this installation's own roles made, that the gates passed for just these bytes, and that only what was
 * live is gone back to.
 * @returns why not, as the end of a sentence
 */
export async function refuseByLedger(
  deps: ActivityDeps,
  product: ProductSettings,
  change: Change,
  entries: readonly LedgerEntry[],
): Promise<Answer> {
  const isIncident = change.releaseId === incidentWorkflowId(product.name);
  if (isIncident && (change.change === 'notice' || change.change === 'issue')) return undefined;
  const facts = factsOf(entries, change.releaseId);
  const isRollback = change.change !== 'plan' && change.change !== 'commit';
  const started = findStart(entries, change.releaseId, isRollback, Date.now());
  if (isIncident && change.change === 'environment_script' && change.script === 'status') {
    return isCommitOfWhatRan(entries, change)
      ? undefined
      : await refuseCommit(deps, product, facts, change.commit);
  }
  if (!started) return `no release ${show(change.releaseId)} was started by the API or the calendar`;
  const { ended } = facts;
  if (ended && !AFTER_END.includes(change.change)) return `${change.releaseId} has ended: ${ended.outcome}`;
  const rule = RULES[change.change] as Rule<ChangeName>;
  return await rule({ deps, product, entries, facts, started }, change);
}

const anything = () => undefined;

const RULES: { [Name in ChangeName]: Rule<Name> } = {
  plan: ({ started }) => refuseKind(started, ['release', 'hotfix', 'gates']),
  edit_notes: ({ deps, facts }, change) =>
    facts.planned.some(({ planHash }) => planHash === change.planHash)
      ? refuseEdit(deps, change)
      : 'that plan was never made',
  commit: ({ facts }, { binds }) =>
    facts.planned.some((planned) => planned.binds === binds)
      ? undefined
      : 'that plan is none that the writer made',
  build: ({ facts }, { commit, version }) =>
    facts.committed.some((made) => made.commit === commit && made.version === version)
      ? undefined
      : `${show(commit)} is no commit of this release`,
  gate: ({ facts }, { commit, artifact, image }) =>
    facts.built.some((b) => b.commit === commit && b.artifact === artifact && (image ?? b.image) === b.image)
      ? undefined
      : 'those bytes were not built from that commit',
  push_branch: ({ product, facts }, { branch, commit, base, replaces }) => {
    const made = facts.committed.find((each) => each.commit === commit);
    const planned = facts.planned.find((each) => each.binds === made?.binds);
    if (planned?.branch !== branch || planned.base !== base)
      return `${show(commit)} is not for ${show(branch)}`;
    const foreign = replaces.find((old) => !facts.committed.some((each) => each.commit === old));
    if (foreign !== undefined) return `${show(foreign)} is no commit of this release`;
    return refuseUntested(product, facts, commit);
  },
  delete_branch: ({ facts }, { commits }) => {
    const foreign = commits.find((each) => !facts.committed.some(({ commit }) => commit === each));
    return foreign === undefined ? undefined : `${show(foreign)} is no commit of this release`;
  },
  publish: ({ product, facts }, { bytes, authorization }) => {
    const build = facts.built.find((b) =>
      bytes.every((digest) => [...b.files, b.artifact, b.image].includes(digest)),
    );
    if (!build) return 'those bytes were not built by this release';
    if (authorization && authorization.parts.commit !== build.commit)
      return 'the approvals are for another commit';
    return (
      refuseUntested(product, facts, build.commit) ??
      refuseReplaced(facts, build.commit) ??
      refuseOtherPlan(facts, build.commit, authorization)
    );
  },
  offer: ({ product, entries, facts, started }, { version, registry, package: name, digest, insteadOf }) => {
    if (insteadOf === undefined) {
      const own = facts.published.some(
        (p) => p.registry === registry && p.package === name && p.digest === digest,
      );
      return own
        ? refuseNotLive(product, entries, version)
        : `this release did not publish that to ${registry}`;
    }
    return refuseKind(started, ['rollback']) ?? refusePackage(entries, registry, name);
  },
  withdraw: ({ entries, facts, started }, { registry, package: name, digest }) => {
    if (facts.published.some((p) => p.registry === registry && p.package === name && p.digest === digest)) {
      return undefined;
    }
    if (started.kind === 'rollback') return refusePackage(entries, registry, name);
    return `this release did not publish that to ${registry}`;
  },
  merge: ({ product, entries, facts }, { commit, base, version }) => {
    const made = facts.committed.find((each) => each.commit === commit);
    const planned = facts.planned.find((each) => each.binds === made?.binds);
    if (planned?.base !== base) return `${show(commit)} is no commit of this release`;
    return refuseUntested(product, facts, commit) ?? refuseNotLive(product, entries, version);
  },
  tag: ({ facts }, { commit, version }) =>
    facts.merged.some((merged) => merged.commit === commit && merged.version === version)
      ? undefined
      : `${show(commit)} was not merged as ${version}`,
  page: ({ facts }, { tag, notes, assets }) => {
    if (!facts.tagged.some((tagged) => tagged.tag === tag)) return `${tag} is no tag of this release`;
    if (!facts.planned.some((planned) => planned.notes === notes))
      return 'those are not the notes of this release';
    const files = facts.built.flatMap((built) => [built.artifact, ...built.files]);
    return assets.every((digest) => files.includes(digest))
      ? undefined
      : 'a file was not built by this release';
  },
  comment: ({ facts }, { tag }) =>
    facts.tagged.some((tagged) => tagged.tag === tag) ? undefined : `${tag} is no tag of this release`,
  state_file: ({ facts }, { outcome }) =>
    outcome === 'rolled_back' || facts.tagged.length > 0 ? undefined : 'nothing was released',
  archive: ({ facts }, { outcome, record }) => {
    const { ended } = facts;
    if (ended && ended.record !== record)
      return `${ended.releaseId} is archived already, as ${ended.outcome}`;
    return outcome === 'released' && facts.tagged.length === 0 ? 'nothing was released' : undefined;
  },
  show_deployment: refuseShown,
  history: ({ product, facts }, { environment, version }) =>
    ranThere(product, facts, environment, version)
      ? undefined
      : `this release did not bring ${show(version)} to ${environment}`,
  trail: anything,
  prune: ({ facts }) => (facts.tagged.length === 0 ? 'nothing was released' : undefined),
  issue: anything,
  notice: anything,
  metrics: async ({ deps, product, entries, facts }, { environment, commit }) =>
    commit === undefined || isCommitOfWhatRan(entries, { environment, commit })
      ? undefined
      : await refuseCommit(deps, product, facts, commit),
  environment_script: refuseScript,
};

/** What the host shows is a version that this release brings, or one that was released, and as there only when it is. */
async function refuseShown(asked: Asked, change: Change<'show_deployment'>): Promise<Answer> {
  const { deps, product, entries, facts } = asked;
  const { environment, version, commit, state } = change;
  if (state === 'success' && !ranThere(product, facts, environment, version))
    return `this release did not bring ${show(version)} to ${environment}`;
  const foreign = commit === undefined ? undefined : await refuseCommit(deps, product, facts, commit);
  if (foreign !== undefined || facts.planned.some((planned) => planned.version === version)) return foreign;
  if (wasLive(entries, environment, version) || (await isOfTheProduct(deps, product, { version })))
    return undefined;
  return `${show(version)} was never released`;
}

/** An environment that has no script for it cannot have been changed by one. */
function ranThere(
  product: ProductSettings,
  facts: ReleaseFacts,
  environment: string,
  version: string,
): boolean {
  const { scripts } = product.environments.find(({ name }) => name === environment) ?? { scripts: {} };
  if (!('deploy' in scripts) && !('rollback' in scripts)) return true;
  return facts.changed.some((each) => each.environment === environment && each.version === version);
}

/** Only packages of the product's own; before anything was published, the registry's name must do. */
function refusePackage(entries: readonly LedgerEntry[], registry: string, name: string): Answer {
  const isFirst = !entries.some(({ fact }) => fact.fact === 'published' && fact.registry === registry);
  if (isFirst || wasPublished(entries, { registry, package: name })) return undefined;
  return `the product never published ${show(name)} to ${registry}`;
}

/** The approvals' type and plan are those of the commit: a major release is not let through as a patch. */
function refuseOtherPlan(
  facts: ReleaseFacts,
  commit: string,
  authorization: Change<'publish'>['authorization'],
): Answer {
  if (!authorization) return undefined;
  const { type, planHash } = authorization.parts;
  const made = facts.committed.find((each) => each.commit === commit);
  const planned = facts.planned.find(({ binds }) => binds === made?.binds);
  return planned?.type === type && planned.planHash === planHash
    ? undefined
    : 'the approvals are for another plan';
}

/** What users get by default moves only when production runs it; a library has no production. */
function refuseNotLive(product: ProductSettings, entries: readonly LedgerEntry[], version: string): Answer {
  const production = product.environments.filter(({ kind }) => kind === 'production').map(({ name }) => name);
  if (production.length === 0) return undefined;
  const isThere = production.some((environment) => lastVersion(entries, environment) === version);
  return isThere ? undefined : `${show(version)} is not in production`;
}

function refuseKind({ kind }: FactOf<'started'>, kinds: string[]): Answer {
  return kinds.includes(kind) ? undefined : `a ${kind} does not do that`;
}

/** The reviewer's own command names the texts. */
function refuseEdit(deps: ActivityDeps, change: Change<'edit_notes'>): Answer {
  const { signed, product, releaseId, changelog, notes } = change;
  const command = signed && verifySigned(signed, deps.installation.api.verifyKeys, new Date());
  if (!command || !('nonce' in command)) return 'nobody signed that edit';
  const isIts =
    command.name === 'edit_notes' && command.product === product && command.releaseId === releaseId;
  return isIts && command.changelog === changelog && command.notes === notes
    ? undefined
    : 'what was signed is another edit';
}
