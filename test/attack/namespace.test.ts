import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACTIVITY_CHANGES } from '../../src/activities/policy/describe-changes.ts';
import { type AttackWorld, openAttackWorld } from './attack-world.ts';
import { beginRelease, type Call, type HonestRelease } from './honest-release.ts';

/**
 * The red team: whoever has the Temporal namespace, and no key. It calls the activities of every role with whatever was
 * ever in a history, and with what it makes up, and sends what people once signed. Nothing is sealed: sealed payloads are
 * another wall, which `sealed-payloads.test.ts` holds to account.
 */
describe('whoever has only the namespace, where nothing is sealed', () => {
  const tally = { attempts: 0, effects: [] as string[], harmed: 0 };
  let world: AttackWorld;
  let shipped: HonestRelease;
  let aborted: HonestRelease;
  let inFlight: HonestRelease;

  beforeAll(async () => {
    world = await openAttackWorld();
    await world.commit('fix: count to three');
    shipped = await beginRelease(world, 'lib-20261126-shipped');
    for (const part of [shipped.test, shipped.stage, shipped.ship, shipped.finish]) await part();
    world.pull();

    await world.commit('fix: count to four');
    aborted = await beginRelease(world, 'lib-20261126-aborted');
    await aborted.test();
    await aborted.stage();
    await aborted.abort();

    await world.commit('fix: count to five');
    inFlight = await beginRelease(world, 'lib-20261126-flying');
  });

  afterAll(async () => {
    const { attempts, effects, harmed } = tally;
    console.log(`${attempts} attempts, ${effects.length} effects, ${harmed} later releases harmed`);
    await world?.close();
  });

  it('changes nothing by calling again what an honest release called, whose end is written down', async () => {
    const refused = await attackAll(shipped.calls);
    expect(tally.effects).toEqual([]);
    expect(refused).toBeGreaterThan(20);
  });

  it('changes nothing in the name of a release that nobody started, or for another product', async () => {
    for (const releaseId of ['lib-20261126-made-up', '', 'incident/lib', '../x', 'constructor']) {
      await attackAll(shipped.calls.map((call) => rename(call, shipped.acting.releaseId, releaseId)));
    }
    await attackAll(shipped.calls.map((call) => rename(call, 'lib', 'other')));
    expect(tally.effects).toEqual([]);
  });

  it('does not bring an aborted release to its end with the approvals that it had', async () => {
    const { acting, plan, built, script, publication, record } = aborted;
    const authorization = aborted.authorization();
    const { version, tag, branch, base, commit } = { ...plan, ...built };
    const about = { ...acting, version, commit, base, plannedAt: plan.plannedAt };
    await attackAll([
      ...(built.built ?? []).map((one) =>
        release('publishBuilt', { ...acting, version, built: one, authorization }),
      ),
      ...['backup', 'deploy', 'migrate', 'traffic', 'rollback', 'restore'].map((name) =>
        devops(script(name, 'production', { authorization })),
      ),
      devops(script('deploy', 'staging', { target: 'staging/2' })),
      release('mergeRelease', about),
      release('pushTag', { ...about, tag, anchor: 'sha256:0' }),
      release('moveChannel', { ...acting, version, publication: publication([]) }),
      release('pushReleaseBranch', { ...about, branch: `${branch}`, bundle: built.bundle, replaces: [] }),
      release('archiveRecord', { record: record('released') }),
      release('updateState', { ...acting, record: record('released'), what: 'state' }),
      { role: 'support', activity: 'notify', input: notice({ ...acting, product: 'other' }) },
    ]);
    expect(tally.effects).toEqual([]);
  });

  it('brings nothing but what was planned, built and tested to anybody, while a release is in flight', async () => {
    const { acting, plan, built, script, publication, parts } = inFlight;
    const { version, commit, base, bundle, branch, tag } = { ...plan, ...built };
    const about = { ...acting, version, commit, base, plannedAt: plan.plannedAt };
    const authorization = inFlight.authorization();
    const old = shipped.built;
    const one = built.built?.[0];
    const before = [
      // Not tested yet.
      release('pushReleaseBranch', { ...about, branch, bundle, replaces: [] }),
      release('publishBuilt', { ...acting, version, built: one, authorization }),
      devops(script('deploy', 'staging')),
      devops(script('deploy', 'production', { authorization })),
      release('mergeRelease', about),
      release('pushTag', { ...about, tag, anchor: 'x' }),
    ];
    await attackAll(before);
    await inFlight.test();
    await inFlight.stage();

    const bytes = { artifact: old.artifact };
    const foreign = { ...about, commit: old.commit };
    const alone = world.approve(parts, acting.releaseId, ['ceo', 'release_manager'], { person: 'ada' });
    const byRequester = world.approve(parts, acting.releaseId, ['release_manager']);
    const otherParts = { ...parts, commit: old.commit };
    const crossed = world.approve(otherParts, acting.releaseId, ['ceo', 'release_manager']);
    const otherRelease = world.approve(parts, shipped.acting.releaseId, ['ceo', 'release_manager']);
    const major = world.approve({ ...parts, type: 'hotfix' }, acting.releaseId, ['ceo', 'release_manager'], {
      gate: 'hotfix',
    });
    const approvals = [undefined, alone, byRequester, crossed, otherRelease, major];
    await attackAll([
      // Rows 1 and 6: branches, tags, merges, pages, files of another kind.
      ...['main', 'release/lib/v9.9.9', '../main', 'release/other/v1.0.2'].map((name) =>
        release('pushReleaseBranch', { ...about, branch: name, bundle, replaces: [] }),
      ),
      release('pushReleaseBranch', { ...about, branch, bundle, base: old.base, replaces: [] }),
      release('pushReleaseBranch', { ...foreign, branch, bundle: old.bundle, replaces: [commit] }),
      release('commitRelease', { plan: { ...plan, plannedAt: '2026-11-26T10:00:01.000Z' } }),
      release('commitRelease', { plan: { ...plan, compareUrl: 'https://evil.example.test/' } }),
      release('commitRelease', { plan: { ...plan, changelog: old.notes } }),
      release('commitRelease', {
        plan: { ...plan, settings: { ...plan.settings, path: 'ops' }, base: old.commit },
      }),
      release('mergeRelease', foreign),
      release('mergeRelease', about),
      release('pushTag', { ...about, tag, anchor: 'x' }),
      release('pushTag', { ...about, version: '9.9.9', tag: 'v9.9.9', anchor: 'x' }),
      release('deleteReleaseBranch', { ...acting, branch, commits: [old.commit] }),
      release('createReleasePage', { ...about, tag, notes: old.notes, prerelease: false, anchor: 'x' }),
      release('openIssue', {
        product: 'lib',
        releaseId: 'made-up',
        key: 'k',
        title: 't',
        body: 'b',
        labels: [],
      }),
      ...[old.commit, commit, 'e'.repeat(40)].map((shown) => {
        const where = { environment: 'production', round: 'production/9', state: 'success' };
        return release('showDeployment', { ...acting, ...where, version, commit: shown });
      }),
      // What an environment runs, by which later rollbacks go.
      ...[version, '9.9.9'].map((told) => release('noteHistory', { entry: history(acting, told) })),
      // Row 6: channels and withdrawals, of others too.
      release('moveChannel', { ...acting, version, publication: publication([]) }),
      release('moveChannel', {
        ...acting,
        version: shipped.plan.version,
        publication: shipped.publication([]),
      }),
      release('moveChannel', {
        ...acting,
        version: '1.0.0',
        publication: { ...shipped.publication([]), name: 'lodash' },
        insteadOf: shipped.plan.version,
      }),
      release('moveChannel', {
        ...acting,
        version: '1.0.0',
        publication: shipped.publication([]),
        insteadOf: shipped.plan.version,
      }),
      release('withdrawPublication', {
        ...acting,
        version: shipped.plan.version,
        publication: shipped.publication([]),
        message: 'gone',
      }),
      // Row 5: approvals of something else, of too few, of one person twice, of whoever asked for it, or none.
      ...approvals.flatMap((given) => [
        release('publishBuilt', { ...acting, version, built: one, authorization: given }),
        devops(script('deploy', 'production', { authorization: given })),
        devops(script('traffic', 'production', { authorization: given })),
        devops(script('migrate', 'production', { authorization: given })),
      ]),
      // Row 5: with genuine approvals, other code and other bytes.
      devops(script('deploy', 'production', { authorization, commit: old.commit, bundle: old.bundle })),
      devops(script('deploy', 'production', { authorization, ...bytes })),
      devops(script('deploy', 'production', { authorization, artifact: undefined })),
      devops(script('deploy', 'production', { authorization, image: `x@sha256:${'e'.repeat(64)}` })),
      devops(script('deploy', 'production', { authorization, version: '9.9.9' })),
      release('publishBuilt', { ...acting, version, built: old.built?.[0], authorization }),
      release('publishBuilt', {
        ...acting,
        version,
        built: { ...one, registry: 'constructor' },
        authorization,
      }),
      devops(script('deploy', 'staging', { ...bytes, target: 'staging/9' })),
      devops(script('deploy', 'staging', { commit: old.commit, bundle: old.bundle, target: 'staging/9' })),
      // Rows 2, 3: going back to what was never live there, and databases.
      ...[version, '9.9.9', aborted.plan.version, ''].map((to) =>
        devops(script('rollback', 'production', { version: to, target: 'production/back' })),
      ),
      devops(script('restore', 'production', { backup: 'backup-1.0.1', target: 'production/back' })),
      devops(script('restore', 'staging', { backup: `backup-${version}`, target: 'staging/back' })),
      devops(script('rollback', 'staging', { commit: old.commit, bundle: old.bundle, target: 'staging/8' })),
      devops(script('restore', 'production', { backup: '/etc/passwd', target: 'production/back' })),
      { role: 'support', activity: 'smokeEnvironment', input: script('restore', 'production') },
      { role: 'qa', activity: 'smokeEnvironment', input: script('rollback', 'production') },
      // Row 12: generations that nobody granted, after which the scripts would refuse everybody else's.
      ...[undefined, '7; reboot', -1, 2.5, 1e9, 9e15].flatMap((generation) => [
        ...['status', 'verify', 'deploy'].map((name) =>
          devops(script(name, 'production', { authorization, generation, target: 'production/12' })),
        ),
        devops(script('deploy', 'staging', { generation, target: 'staging/12' })),
        release('noteHistory', {
          entry: { ...history(acting, version), environment: 'staging', generation },
        }),
      ]),
      // Rows 13, 15: the archive.
      release('archiveRecord', { record: inFlight.record('released') }),
      release('archiveRecord', { record: { ...shipped.record('rolled_back') } }),
      release('updateState', { ...acting, record: inFlight.record('released'), what: 'state' }),
      // Metric scripts, which have the environment's secrets: of commits that nobody merged, and nowhere else.
      metrics({ ...acting, commit: aborted.built.commit, bundle: aborted.built.bundle }),
      metrics({ ...acting, commit: 'e'.repeat(40) }),
      metrics({ ...acting, environment: '../production' }),
      metrics({ ...acting, releaseId: 'made-up' }),
      // What the store keeps is let go for nobody but a release that came to its end.
      release('pruneStore', acting),
      release('pruneStore', { ...acting, releaseId: 'made-up' }),
      release('pruneStore', { ...acting, product: '../lib' }),
      // Edits that nobody signed.
      { role: 'writer', activity: 'editNotes', input: { plan, notes: old.changelog.digest } },
    ]);
    expect(tally.effects).toEqual([]);
  });

  it('is asked at every activity that changes something: none was forgotten above', () => {
    const changing = Object.entries(ACTIVITY_CHANGES).filter(([, describes]) => describes !== 'looks');
    const unattacked = changing.map(([name]) => name).filter((name) => !attacked.has(name));
    // Told apart from `publishBuilt` by their input only; a host for comments is not configured here.
    expect(unattacked.sort()).toEqual([
      'commentOnPullRequests',
      'keepTrail',
      'prepareHotfix',
      'publishImage',
      'publishPackage',
    ]);
  });

  it('has harmed nobody: the release in flight goes on to its end, and so does the next one', async () => {
    tally.harmed = 2;
    await inFlight.ship();
    await inFlight.finish();
    tally.harmed = 1;
    world.pull();
    await world.commit('fix: count to six');
    const next = await beginRelease(world, 'lib-20261126-next');
    for (const part of [next.test, next.stage, next.ship, next.finish]) await part();
    expect(next.plan.version).toBe('1.0.3');
    tally.harmed = 0;
  });

  const attacked = new Set<string>();

  /** Each call on its own; what the world looks like afterwards is compared with before. Returns how many were refused. */
  async function attackAll(calls: Call[]): Promise<number> {
    let refused = 0;
    let before = await world.look();
    for (const { role, activity, input } of calls) {
      tally.attempts += 1;
      attacked.add(activity);
      const failure = await world.call(role, activity, input).then(
        () => undefined,
        (error: Error) => error,
      );
      if (failure) refused += 1;
      const after = await world.look();
      if (after !== before) tally.effects.push(`${activity} ${JSON.stringify(input).slice(0, 300)}`);
      before = after;
    }
    return refused;
  }
});

function release(activity: string, input: unknown): Call {
  return { role: 'release', activity, input };
}

function devops(input: unknown): Call {
  return { role: 'devops', activity: 'runEnvironmentScript', input };
}

function metrics(more: object): Call {
  const since = '2026-11-26T10:00:00.000Z';
  const input = { environment: 'production', since, deployedAt: since, ...more };
  return { role: 'support', activity: 'sampleChecks', input };
}

function history(acting: object, version: string) {
  const at = '2026-11-26T10:00:00.000Z';
  return { ...acting, environment: 'production', event: 'went_live', version, generation: 9, at };
}

function notice(acting: object) {
  return { ...acting, id: 'lie', channel: 'ceo', subject: 'Approved by ada', text: 'Go on.' };
}

/** The same call in another name, wherever it stands. */
function rename({ role, activity, input }: Call, from: string, to: string): Call {
  const text = JSON.stringify(input, (key, value) =>
    ['releaseId', 'product', 'name'].includes(key) && value === from ? to : value,
  );
  return { role, activity, input: JSON.parse(text) };
}
