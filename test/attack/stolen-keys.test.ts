import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { WORKER_ROLES, type WorkerRole } from '../../src/contracts/task-queues.ts';
import type { LedgerFact } from '../../src/release/ledger/facts.ts';
import { type AttackWorld, openAttackWorld } from './attack-world.ts';
import { beginRelease, type Call, type HonestRelease } from './honest-release.ts';

/**
 * Which lies each role's key makes the ledger take, and what they bring about for a release whose gates did not run. The
 * tests are what QA does, so its key lets an untested commit be pushed and staged; nothing that needs a person goes on.
 */
const STOLEN: Record<WorkerRole, { lies: LedgerFact['fact'][]; effects: string[] }> = {
  writer: { lies: ['planned'], effects: [] },
  support: { lies: ['verified'], effects: [] },
  qa: { lies: ['gate_ended', 'verified'], effects: ['deploy staging', 'pushReleaseBranch'] },
  devops: { lies: ['built', 'environment_changed', 'found_running', 'verified'], effects: [] },
  release: {
    lies: ['planned', 'committed', 'branch_pushed', 'published', 'merged', 'tagged'],
    effects: ['pushTag', 'updateState'],
  },
};

describe('whoever has the namespace, the store and the key of one role', () => {
  const tally = { lies: 0, taken: 0, attempts: 0, effects: 0, wedged: 0 };

  afterAll(() => {
    const { lies, taken, attempts, effects, wedged } = tally;
    console.log(
      `${lies} lies in the ledger, ${taken} taken as of that role; ${attempts} attempts, ${effects} effects, ${wedged} wedged`,
    );
  });

  it.each(WORKER_ROLES)('%s lies about what that role does, and about nothing else', async (role) => {
    const world = await openAttackWorld();
    onTestFinished(world.close);
    await world.commit('fix: count to three');
    const release = await beginRelease(world, 'lib-20261126-flying');
    const taken: string[] = [];
    for (const fact of listLies(release)) {
      tally.lies += 1;
      if (await isTaken(world, role, fact)) taken.push(fact.fact);
    }
    tally.taken += taken.length;
    expect(taken.sort()).toEqual([...STOLEN[role].lies].sort());

    const effects: string[] = [];
    for (const { name, call } of listEffects(release)) {
      tally.attempts += 1;
      const before = await world.look();
      await world.call(call.role, call.activity, call.input).catch(() => undefined);
      if ((await world.look()) !== before) effects.push(name);
    }
    tally.effects += effects.length;
    expect(effects.sort()).toEqual(STOLEN[role].effects);
    // What was taken is read by everybody, and the next honest release is none of it.
    tally.wedged += 1;
    await release.abort();
    const next = await beginRelease(world, 'lib-20261126-next');
    await next.test();
    tally.wedged -= 1;
  });
});

/** Writes it with the key of that role; what nobody takes is taken out again, as the operator would. */
async function isTaken(world: AttackWorld, role: WorkerRole, fact: LedgerFact): Promise<boolean> {
  await world.ledgerOf(role).append('lib', fact);
  const refused = await world
    .ledgerOf('api')
    .read('lib')
    .then(
      () => undefined,
      (error: Error) => error.message,
    );
  if (refused === undefined) return true;
  expect(refused).toContain(`${role} may not say that`);
  const folder = join(world.root, 'store', 'named', 'ledger', 'lib');
  rmSync(join(folder, readdirSync(folder).sort().at(-1) ?? ''));
  return false;
}

/** Everything that would have to be true for the release to go on to its end, and more. */
function listLies({ acting: { releaseId }, plan, built }: HonestRelease): LedgerFact[] {
  const { version, tag, branch, base, planHash, type, notes } = plan;
  const { commit } = built;
  const artifact = built.artifact?.digest ?? '';
  const other = 'e'.repeat(40);
  const digest = `sha256:${'e'.repeat(64)}`;
  const environment = 'production';
  return [
    { fact: 'started', releaseId: 'lib-20261126-lie', kind: 'rollback', by: 'ada', via: 'api' },
    { fact: 'begun', releaseId, runId: 'run' },
    {
      fact: 'planned',
      releaseId,
      binds: digest,
      planHash,
      type,
      version: '9.9.9',
      tag,
      branch,
      base,
      notes: notes.digest,
      authors: [],
    },
    { fact: 'committed', releaseId, binds: digest, planHash, commit: other, version },
    { fact: 'built', releaseId, commit: other, version, artifact: digest, files: [digest] },
    { fact: 'gate_ended', releaseId, gate: 'tests', result: 'passed', commit, artifact },
    { fact: 'branch_pushed', releaseId, branch, commit },
    { fact: 'published', releaseId, version, registry: 'folder', package: 'lib', digest },
    {
      fact: 'environment_changed',
      releaseId,
      script: 'deploy',
      environment,
      version,
      commit,
      artifact,
      generation: 1,
    },
    { fact: 'found_running', releaseId, environment, version },
    { fact: 'verified', releaseId, environment, version, script: 'verify' },
    { fact: 'merged', releaseId, commit, version },
    { fact: 'tagged', releaseId, tag, commit, version },
  ];
}

/** What would be worth the lie: people are asked for none of it here, and no approval is at hand. */
function listEffects(release: HonestRelease): { name: string; call: Call }[] {
  const { acting, plan, built, script, publication, record } = release;
  const { version, commit, base, bundle, branch, tag } = { ...plan, ...built };
  const about = { ...acting, version, commit, base, plannedAt: plan.plannedAt };
  const releases = (activity: string, input: unknown) => ({
    name: activity,
    call: { role: 'release' as const, activity, input },
  });
  const runs = (name: string, environment: string, more: object = {}) => ({
    name: `${name} ${environment}`,
    call: {
      role: 'devops' as const,
      activity: 'runEnvironmentScript',
      input: script(name, environment, more),
    },
  });
  return [
    releases('publishBuilt', { ...acting, version, built: built.built?.[0] }),
    releases('moveChannel', { ...acting, version, publication: publication([]) }),
    releases('pushTag', { ...about, tag, anchor: 'x' }),
    releases('mergeRelease', about),
    runs('deploy', 'production'),
    runs('migrate', 'production'),
    runs('traffic', 'production'),
    runs('restore', 'production', { backup: `backup-${version}` }),
    releases('pushReleaseBranch', { ...about, branch, bundle, replaces: [] }),
    runs('deploy', 'staging'),
    releases('updateState', { ...acting, record: record('released'), what: 'state' }),
  ];
}
