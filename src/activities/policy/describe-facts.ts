import { digestOf } from '../../release/digest.ts';
import type { LedgerFact } from '../../release/ledger/facts.ts';
import type { EnvironmentScriptName } from '../../release/settings.ts';
import { bytesOf } from '../../release/subject.ts';
import type { Publication } from '../../release/values.ts';
import { bindPlan } from './bind-plan.ts';
import type { Activities, ActivityName } from './describe-changes.ts';

/** What an activity has done, for the ledger, from its input and its result; nothing where it changed nothing. */
type FactOf<Name extends ActivityName> = (
  input: Parameters<Activities[Name]>[0],
  result: Awaited<ReturnType<Activities[Name]>>,
) => LedgerFact | undefined;

/** Scripts that change an environment, as the ledger writes them down. */
const CHANGES: readonly EnvironmentScriptName[] = [
  'backup',
  'deploy',
  'migrate',
  'traffic',
  'rollback',
  'restore',
];

/** The facts that activities leave behind. What is not here leaves none: its trace is elsewhere. */
export const ACTIVITY_FACTS: { [Name in ActivityName]?: FactOf<Name> } = {
  // What the schedule starts comes past the API: the release worker's own configuration answers for it.
  checkReadiness: ({ request: { releaseId, via } }) =>
    via === 'schedule'
      ? { fact: 'started', releaseId, kind: 'release', by: 'schedule', via: 'schedule' }
      : undefined,
  planRelease: ({ ready, plannedAt }, planned) =>
    describePlan({ ...planned, releaseId: ready.request.releaseId, base: ready.base, plannedAt }),
  prepareHotfix: ({ request, plannedAt }, prepared) =>
    describePlan({ ...prepared, releaseId: request.releaseId, plannedAt }),
  editNotes: ({ plan }, edited) =>
    describePlan({ ...plan, ...edited, releaseId: plan.request.releaseId, authors: plan.authors ?? [] }),
  commitRelease: ({ plan }, { commit }) => ({
    fact: 'committed',
    releaseId: plan.request.releaseId,
    binds: bindPlan({ ...plan, releaseId: plan.request.releaseId }),
    planHash: plan.planHash,
    commit,
    version: plan.version,
  }),
  buildRelease: ({ releaseId, commit, version }, { artifact, built = [], package: packed, image, sbom }) => ({
    fact: 'built',
    releaseId,
    commit,
    version,
    ...(artifact === undefined ? {} : { artifact: artifact.digest }),
    ...(image === undefined ? {} : { image: image.digest }),
    ...(sbom === undefined ? {} : { sbom: sbom.digest }),
    files: [...new Set([...built.flatMap(bytesOf), ...(packed ? [packed.tarball.digest] : [])])],
  }),
  runGate: ({ releaseId, commit, artifact }, { gate, result }) => ({
    fact: 'gate_ended',
    releaseId,
    gate,
    result,
    commit,
    ...(artifact === undefined ? {} : { artifact: artifact.digest }),
  }),
  pushReleaseBranch: ({ releaseId, branch, commit }) => ({
    fact: 'branch_pushed',
    releaseId,
    branch,
    commit,
  }),
  publishBuilt: ({ releaseId, version }, { value }) => describePublication(releaseId, version, value),
  publishPackage: ({ releaseId, version }, { value }) => describePublication(releaseId, version, value),
  publishImage: ({ releaseId, version }, { value }) => describePublication(releaseId, version, value),
  // A pull request that waits is no merge yet.
  mergeRelease: ({ releaseId, commit, version }, { value }) =>
    'mergeCommit' in value ? { fact: 'merged', releaseId, commit, version } : undefined,
  pushTag: ({ releaseId, tag, commit, version }) => ({ fact: 'tagged', releaseId, tag, commit, version }),
  archiveRecord: ({ record }) => ({
    fact: 'ended',
    releaseId: record.releaseId,
    outcome: record.outcome ?? 'failed',
    ...(record.plan === undefined ? {} : { version: record.plan.version }),
    record: digestOf(record),
  }),
  runEnvironmentScript: (input, { outcome, output }) => {
    const { releaseId, environment, script, version, commit, generation, artifact, image } = input;
    if (outcome === 'not_configured') return undefined;
    if (script === 'verify') return { fact: 'verified', releaseId, environment, version, script };
    if (script === 'status') {
      const running = output['version'];
      if (typeof running !== 'string' || running === '') return undefined;
      return { fact: 'found_running', releaseId, environment, version: running };
    }
    if (!CHANGES.includes(script)) return undefined;
    const backup = script === 'backup' ? output['backup'] : undefined;
    return {
      fact: 'environment_changed',
      ...{ releaseId, script, environment, version, commit, generation },
      ...(artifact === undefined ? {} : { artifact: artifact.digest }),
      ...(image === undefined ? {} : { image: image.split('@').at(-1) ?? '' }),
      ...(typeof backup === 'string' ? { backup } : {}),
    };
  },
  smokeEnvironment: ({ releaseId, environment, version }, { outcome }) =>
    outcome === 'not_configured'
      ? undefined
      : { fact: 'verified', releaseId, environment, version, script: 'smoke' },
};

function describePlan(plan: Parameters<typeof bindPlan>[0] & { authors?: string[] }): LedgerFact {
  const { releaseId, planHash, type, version, tag, branch, base, notes, changes, authors = [] } = plan;
  return {
    fact: 'planned',
    binds: bindPlan(plan),
    ...{ releaseId, planHash, type, version, tag, branch, base, authors },
    notes: notes.digest,
    ...(changes === undefined ? {} : { changes }),
  };
}

function describePublication(releaseId: string, version: string, value: Publication): LedgerFact {
  const { registry, name, digest } = value;
  return { fact: 'published', releaseId, version, registry, package: name, digest };
}
