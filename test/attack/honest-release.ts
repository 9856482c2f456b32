import type { Authorization } from '../../src/contracts/activities.ts';
import type { Command, SignedCommand } from '../../src/contracts/commands.ts';
import type { WorkerRole } from '../../src/contracts/task-queues.ts';
import type { ApprovalGate, Decision } from '../../src/release/approvals.ts';
import { planGates } from '../../src/release/policy/gates.ts';
import { openRecord, type ReleaseRecord } from '../../src/release/record/record.ts';
import type { PersonRole } from '../../src/release/settings.ts';
import { subjectParts } from '../../src/release/subject.ts';
import type { BuiltRelease, ReleaseCommit, ReleasePlan } from '../../src/release/values.ts';
import type { AttackWorld } from './attack-world.ts';

/** One call of an activity, as a genuine release makes it. */
export interface Call {
  role: WorkerRole;
  activity: string;
  input: unknown;
}

const AT = '2026-11-26T10:00:00.000Z';
const APPROVERS: PersonRole[] = ['ceo', 'release_manager', 'engineering_lead', 'product_manager'];

/**
 * A release in the order of the workflow's phases, in four parts, so that an attack can come in between. Each call is
 * kept, as whoever reads the namespace's histories could keep it.
 */
export async function beginRelease(world: AttackWorld, releaseId: string, requestedBy = 'ben') {
  const calls: Call[] = [];
  const call = async (role: WorkerRole, activity: string, input: unknown): Promise<never> => {
    calls.push({ role, activity, input });
    return (await world.call(role, activity, input)) as never;
  };
  const request = { ...world.request, releaseId, requestedBy };
  const product = 'lib';
  const acting = { product, releaseId };
  await world
    .ledgerOf('api')
    .append(product, { fact: 'started', releaseId, kind: 'release', by: requestedBy, via: 'api' });

  const settings = world.installation.products['lib']!;
  const readiness = (await call('release', 'checkReadiness', { request })) as {
    base: string;
    previousVersion: string;
    previousTag: string;
  };
  const { base, previousVersion, previousTag } = readiness;
  const ready = { request, settings, base, previousVersion, previousTag };
  const planned = (await call('writer', 'planRelease', { ready, plannedAt: AT })) as ReleasePlan;
  const policy = settings.policy[planned.type];
  const plan: ReleasePlan = { ...ready, ...planned, plannedAt: AT, policy, concerns: [] };
  const made = (await call('release', 'commitRelease', { plan })) as ReleaseCommit;
  const committed: ReleaseCommit = { ...plan, ...made };
  const { version, commit, bundle, tag, branch } = committed;
  const ofCommit = { ...acting, version, commit, bundle, plannedAt: AT };
  const output = (await call('devops', 'buildRelease', ofCommit)) as BuiltRelease;
  const built: BuiltRelease = { ...committed, ...output };
  const parts = subjectParts(built);

  const script = (name: string, environment: string, more: object = {}) => ({
    ...acting,
    environment,
    script: name,
    target: `${environment}/1`,
    version,
    previousVersion,
    commit,
    bundle,
    artifact: built.artifact,
    strategy: 'rolling',
    generation: 1,
    ...more,
  });
  const test = async () => {
    for (const { name } of planGates(settings, policy.gates)) {
      const input = {
        ...acting,
        gate: name,
        version,
        previousVersion,
        commit,
        bundle,
        artifact: built.artifact,
      };
      await call('qa', 'runGate', { ...input, loadProfile: 'baseline', advisory: false });
    }
    await call('release', 'pushReleaseBranch', { ...acting, branch, commit, base, bundle, replaces: [] });
  };
  const stage = async () => {
    for (const name of ['status', 'backup', 'deploy', 'migrate', 'verify']) {
      await call('devops', 'runEnvironmentScript', script(name, 'staging'));
    }
    await call('qa', 'smokeEnvironment', script('smoke', 'staging'));
  };
  const authorization = () => world.approve(parts, releaseId, APPROVERS);
  const publication = (tags: string[]) => {
    const [one] = built.built ?? [];
    return { registry: 'folder', name: one?.name ?? '', url: '', digest: one?.digest ?? '', tags };
  };
  let shipped: Authorization | undefined;
  const ship = async (approved = authorization()) => {
    shipped = approved;
    for (const one of built.built ?? []) {
      await call('release', 'publishBuilt', { ...acting, version, built: one, authorization: approved });
    }
    const more = { authorization: approved };
    for (const name of ['status', 'backup', 'deploy', 'migrate', 'traffic', 'verify']) {
      await call('devops', 'runEnvironmentScript', script(name, 'production', more));
    }
    await call('support', 'smokeEnvironment', script('smoke', 'production', more));
  };
  const record = (outcome: ReleaseRecord['outcome']): ReleaseRecord =>
    ({
      ...openRecord('release', request, 'Lib', AT),
      plan: { ...plan, highlights: '' },
      commit,
      built: { artifact: built.artifact },
      ...(shipped === undefined ? {} : { approvals: [describeApproval(shipped)] }),
      outcome,
    }) as unknown as ReleaseRecord;
  const finish = async () => {
    const about = { ...acting, version, commit, base, plannedAt: AT };
    await call('release', 'mergeRelease', about);
    await call('release', 'pushTag', { ...about, tag, anchor: 'sha256:0' });
    await call('release', 'moveChannel', {
      ...acting,
      version,
      publication: publication([`windlass-${version}`]),
    });
    await call('release', 'deleteReleaseBranch', { ...acting, branch, commits: [commit] });
    for (const what of ['state', 'status']) {
      await call('release', 'updateState', { ...acting, record: record('released'), what });
    }
    const id = `${releaseId}/complete`;
    await call('support', 'notify', { ...acting, id, channel: 'ceo', subject: 'Lib is out', text: 'It is.' });
    await call('release', 'archiveRecord', { record: record('released') });
  };
  const abort = async () => {
    await call('release', 'deleteReleaseBranch', { ...acting, branch, commits: [commit] });
    await call('release', 'archiveRecord', { record: record('aborted') });
  };
  return {
    ...{ calls, acting, plan, built, parts, script, publication, record },
    ...{ test, stage, ship, finish, abort, authorization },
  };
}

/** The go-live question with its answers, as a release's record keeps it. */
function describeApproval({ decisions }: Authorization): Partial<ApprovalGate> {
  const read = ({ signed }: SignedCommand) => JSON.parse(signed) as Command;
  return {
    key: 'go_live',
    title: 'Go live',
    subject: read(decisions[0]!).subject!,
    status: 'approved',
    decisions: decisions.map((signed): Decision => {
      const { nonce, person, role, subject, validUntil, issuedAt: at } = read(signed);
      const said = { nonce, person, role: role!, subject: subject!, validUntil, at, signed };
      return { gate: 'go_live', decision: 'approve', ...said };
    }),
  };
}

export type HonestRelease = Awaited<ReturnType<typeof beginRelease>>;
