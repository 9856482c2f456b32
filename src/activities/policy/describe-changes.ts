import type {
  Acting,
  DevopsActivities,
  EnvironmentScriptInput,
  QaActivities,
  ReleaseActivities,
  SupportActivities,
  WriterActivities,
} from '../../contracts/activities.ts';
import { digestOf } from '../../release/digest.ts';
import { bytesOf } from '../../release/subject.ts';
import { bindPlan } from './bind-plan.ts';
import type { Change } from './change.ts';

export type Activities = ReleaseActivities &
  WriterActivities &
  QaActivities &
  DevopsActivities &
  SupportActivities;

export type ActivityName = keyof Activities;

/** `looks`: it reads, and changes nothing that anybody else sees. Else what it is about to change, from its input. */
type Description<Name extends ActivityName> = 'looks' | ((input: Parameters<Activities[Name]>[0]) => Change);

/**
 * What each activity changes. The type makes a new activity without an entry a mistake of compilation, and a test holds
 * everyone that only `looks` to it.
 */
export const ACTIVITY_CHANGES: { [Name in ActivityName]: Description<Name> } = {
  findReleased: 'looks',
  findRolledBack: 'looks',
  loadProduct: 'looks',
  lookAtCalendar: 'looks',
  checkReadiness: 'looks',
  preflight: 'looks',
  verifyPublication: 'looks',
  verifyCommand: 'looks',
  reviewAuthorization: 'looks',
  awaitDeployment: 'looks',
  awaitRollback: 'looks',
  awaitTakeBack: 'looks',
  readHolder: 'looks',
  isWorkflowOpen: 'looks',
  planRelease: ({ ready: { request, base } }) => ({ change: 'plan', ...actingOf(request), base }),
  prepareHotfix: ({ request }) => ({ change: 'plan', ...actingOf(request), base: '' }),
  editNotes: ({ plan, changelog, notes, signed }) => ({
    change: 'edit_notes',
    ...actingOf(plan.request),
    planHash: plan.planHash,
    ...present({ changelog, notes, signed }),
  }),
  commitRelease: ({ plan }) => ({
    change: 'commit',
    ...actingOf(plan.request),
    version: plan.version,
    tag: plan.tag,
    branch: plan.branch,
    binds: bindPlan({ ...plan, releaseId: plan.request.releaseId }),
  }),
  buildRelease: ({ version, commit, ...input }) => ({ change: 'build', ...actingOf(input), version, commit }),
  runGate: ({ gate, commit, artifact, image, ...input }) => ({
    change: 'gate',
    ...actingOf(input),
    gate,
    commit,
    ...present({ artifact: artifact?.digest, image: image?.digest }),
  }),
  pushReleaseBranch: ({ branch, commit, base, replaces, ...input }) => ({
    change: 'push_branch',
    ...actingOf(input),
    branch,
    commit,
    base,
    replaces,
  }),
  deleteReleaseBranch: ({ branch, commits, ...input }) => ({
    change: 'delete_branch',
    ...actingOf(input),
    branch,
    commits,
  }),
  publishBuilt: ({ version, built, authorization, ...input }) => ({
    change: 'publish',
    ...actingOf(input),
    version,
    registry: built.registry,
    bytes: bytesOf(built),
    ...present({ authorization }),
  }),
  publishPackage: ({ version, package: packed, authorization, ...input }) => ({
    change: 'publish',
    ...actingOf(input),
    version,
    registry: '',
    bytes: [packed.tarball.digest],
    ...present({ authorization }),
  }),
  publishImage: ({ version, image, authorization, ...input }) => ({
    change: 'publish',
    ...actingOf(input),
    version,
    registry: '',
    bytes: [image.digest],
    ...present({ authorization }),
  }),
  moveChannel: ({ version, publication, insteadOf, ...input }) => ({
    change: 'offer',
    ...actingOf(input),
    version,
    registry: publication.registry,
    package: publication.name,
    digest: publication.digest,
    ...present({ insteadOf }),
  }),
  withdrawPublication: ({ version, publication, ...input }) => ({
    change: 'withdraw',
    ...actingOf(input),
    version,
    registry: publication.registry,
    package: publication.name,
    digest: publication.digest,
  }),
  mergeRelease: ({ version, commit, base, branch, ...input }) => ({
    change: 'merge',
    ...actingOf(input),
    version,
    commit,
    base,
    ...present({ branch }),
  }),
  pushTag: ({ version, tag, commit, ...input }) => ({
    change: 'tag',
    ...actingOf(input),
    version,
    tag,
    commit,
  }),
  createReleasePage: ({ version, tag, notes, assets = [], ...input }) => ({
    change: 'page',
    ...actingOf(input),
    version,
    tag,
    notes: notes.digest,
    assets: assets.map(({ content }) => content.digest),
  }),
  commentOnPullRequests: ({ tag, head, ...input }) => ({ change: 'comment', ...actingOf(input), tag, head }),
  showDeployment: ({ environment, version, commit, round, state, flow, ...input }) => ({
    change: 'show_deployment',
    ...actingOf(input),
    ...{ environment, version, round, state },
    ...present({ commit, flow }),
  }),
  updateState: ({ record, ...input }) => ({
    change: 'state_file',
    ...actingOf(input),
    ...present({ version: record.plan?.version, outcome: record.outcome }),
  }),
  archiveRecord: ({ record }) => ({
    change: 'archive',
    ...actingOf(record),
    ...present({ outcome: record.outcome }),
    record: digestOf(record),
  }),
  noteHistory: ({ entry }) => ({
    change: 'history',
    ...actingOf(entry),
    environment: entry.environment,
    version: entry.version,
    event: entry.event,
    generation: entry.generation,
  }),
  pruneStore: (input) => ({ change: 'prune', ...actingOf(input) }),
  keepTrail: ({ entries, ...input }) => ({
    change: 'trail',
    ...actingOf(input),
    entries: entries.length,
  }),
  openIssue: ({ key, ...input }) => ({ change: 'issue', ...actingOf(input), key }),
  notify: ({ id, channel, ...input }) => ({ change: 'notice', ...actingOf(input), id, channel }),
  sampleChecks: ({ environment, commit, ...input }) => ({
    change: 'metrics',
    ...actingOf(input),
    environment,
    ...present({ commit }),
  }),
  runEnvironmentScript: describeScript,
  // Whatever its input names: it runs the smoke script.
  smokeEnvironment: (input) => describeScript({ ...input, script: 'smoke' }),
};

function describeScript(input: EnvironmentScriptInput): Change<'environment_script'> {
  const { script, environment, version, previousVersion, commit, generation, instance, backup } = input;
  return {
    change: 'environment_script',
    ...actingOf(input),
    ...{ script, environment, version, commit, generation },
    ...present({
      previousVersion,
      artifact: input.artifact?.digest,
      image: input.image?.split('@').at(-1),
      instance,
      backup,
      order: input.order,
      authorization: input.authorization,
    }),
  };
}

/** Calls from before they were bound do not name their release. */
function actingOf({ product = '', releaseId = '' }: Partial<Acting>): Acting {
  return { product, releaseId };
}

/** Members that are not there are left out, not set to undefined. */
function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
