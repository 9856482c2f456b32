import { describe, expect, it, onTestFinished } from 'vitest';
import { noteMade } from '../../src/activities/release/retention/holdings.ts';
import { madeName, releasedName } from '../../src/release/record/kept-names.ts';
import { openRecord, type PlanRecord } from '../../src/release/record/record.ts';
import { openRoleRig } from '../support/fixture/role-rig.ts';

const DAY_MS = 86_400_000;
const COMMIT = '1'.repeat(40);
const SCRIPTS = Object.fromEntries(
  ['deploy', 'verify', 'smoke', 'traffic', 'rollback', 'status'].map((name) => [name, `ops/${name}`]),
);

describe('a build', () => {
  it("notes what it put into the store, so that retention knows whose it is; its log is the record's", async () => {
    const rig = await openRoleRig({ version_files: [{ path: 'package.json' }] });
    onTestFinished(rig.close);
    await rig.commit('feat: begin', {
      'package.json': '{"name":"lib","version":"0.0.0"}\n',
      'ops/build':
        '#!/bin/sh\nprintf program > program\nprintf \'{"artifact": "program"}\' > "$WINDLASS_OUTPUT"\n',
    });
    const plan = await rig.plan();
    const { version, plannedAt, request } = plan;
    const made = await rig.release.commitRelease({ plan });
    const { releaseId } = request;
    const built = await rig.devops.buildRelease({ product: 'lib', releaseId, version, plannedAt, ...made });
    const noted = await rig.store.readNamed(madeName('lib', releaseId));
    expect(JSON.parse(String(noted))).toEqual({
      ...{ product: 'lib', releaseId, version, at: plannedAt },
      parts: [built.artifact],
    });
    expect(await rig.store.has(built.log!)).toBe(true);
  });
});

describe('retention of the store', () => {
  const open = async (retention: object | undefined, product: object = {}) => {
    const store = { folder: './store', ...(retention === undefined ? {} : { retention }) };
    const rig = await openRoleRig({ ...product }, {}, { store });
    onTestFinished(rig.close);
    let count = 0;
    /** What a release leaves in the store, `daysAgo`; without an outcome it is still in flight. */
    const make = async (
      daysAgo: number,
      outcome: 'released' | 'aborted' | 'none' = 'released',
      more = {},
    ) => {
      count += 1;
      const releaseId = `lib-${count}`;
      const told = { version: `0.${count}.0`, commit: COMMIT, text: `the program of ${count}`, ...more };
      const { version, commit } = told;
      const at = new Date(Date.now() - daysAgo * DAY_MS).toISOString();
      const artifact = await rig.store.put(Buffer.from(told.text));
      await noteMade(rig.store, { product: 'lib', releaseId, version, at, parts: [artifact] });
      const text = await rig.store.put(Buffer.from('notes'));
      const record = {
        ...openRecord('release', { ...rig.request, releaseId }, 'Lib', at),
        ...{ plan: { version, changelog: text, notes: text } as PlanRecord, commit, built: { artifact } },
      };
      const end = () =>
        rig.release.archiveRecord({
          record: { ...record, outcome: outcome === 'none' ? 'aborted' : outcome, endedAt: at },
        });
      if (outcome !== 'none') await end();
      return { version, commit, artifact, releaseId, end };
    };
    const isThere = ({ artifact }: { artifact: { digest: `sha256:${string}`; bytes: number } }) =>
      rig.store.has(artifact);
    const prune = () => rig.release.pruneStore({ product: 'lib', releaseId: 'lib-now' });
    const goesLive = (
      environment: string,
      { version, commit, releaseId }: Awaited<ReturnType<typeof make>>,
      second: number,
    ) =>
      rig.release.noteHistory({
        entry: {
          ...{ product: 'lib', environment, releaseId, version, commit, generation: second },
          ...{ at: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(), event: 'went_live' as const },
        },
      });
    return { ...rig, make, isThere, prune, goesLive };
  };

  it('deletes what is beyond the newest versions and older than the time, and says so', async () => {
    const rig = await open({ keep_versions: 2, keep_for: '30d' });
    const [old, older, recent, newer, newest] = [
      await rig.make(400),
      await rig.make(300),
      await rig.make(20),
      await rig.make(10),
      await rig.make(1),
    ];
    const { value, receipts } = await rig.prune();
    expect(value).toEqual({
      removed: [old, older].map(({ version, artifact }) => ({
        version,
        isReleased: true,
        bytes: artifact.bytes,
      })),
      policy: 'beyond the newest 2 versions and older than 30d',
    });
    expect(receipts.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
    expect(await Promise.all([old, older, recent, newer, newest].map(rig.isThere))).toEqual([
      ...[false, false],
      ...[true, true, true],
    ]);
    expect((await rig.prune()).value.removed).toEqual([]);
  });

  it('deletes nothing where none is configured', async () => {
    const rig = await open(undefined);
    const made = [await rig.make(900), await rig.make(800), await rig.make(700)];
    expect((await rig.prune()).value.removed).toEqual([]);
    expect(await Promise.all(made.map(rig.isThere))).toEqual([true, true, true]);
  });

  it('keeps what an environment runs and would go back to, however old, in each of them', async () => {
    const environment = { url: 'http://127.0.0.1:1', scripts: SCRIPTS };
    const rig = await open(
      { keep_versions: 1 },
      {
        environments: {
          staging: environment,
          eu: { ...environment, kind: 'production' },
          us: { ...environment, kind: 'production' },
        },
      },
    );
    const made = [];
    for (const daysAgo of [90, 80, 70, 60, 50, 40, 30]) made.push(await rig.make(daysAgo));
    await rig.goesLive('us', made[0]!, 1);
    await rig.goesLive('us', made[1]!, 2);
    await rig.goesLive('eu', made[2]!, 3);
    await rig.goesLive('eu', made[3]!, 4);
    expect((await rig.prune()).value.removed.map(({ version }) => version)).toEqual([made[4]!.version]);
    expect(await Promise.all(made.map(rig.isThere))).toEqual([true, true, true, true, false, true, true]);
  });

  it('keeps what a flow in progress has taken up, until it has ended', async () => {
    const rig = await open({ keep_versions: 1 });
    const commit = await rig.commit('feat: begin', { VERSION: '0.1.0' }, 'v0.1.0');
    const first = await rig.make(9, 'released', { commit });
    await rig.make(8);
    await rig.make(7);
    await rig.release.findReleased({ product: 'lib', version: first.version, releaseId: 'lib-deploys' });
    expect((await rig.prune()).value.removed).toEqual([]);
    const request = { ...rig.request, releaseId: 'lib-deploys' };
    const record = openRecord('deployment', request, 'Lib', new Date().toISOString());
    await rig.release.archiveRecord({ record: { ...record, outcome: 'completed' } });
    expect((await rig.prune()).value.removed).toHaveLength(1);
    expect(await rig.isThere(first)).toBe(false);
  });

  it('keeps what a release in flight has built, and takes builds that were never released with their time', async () => {
    const rig = await open({ keep_versions: 2 });
    const aborted = await rig.make(60, 'aborted', { text: 'the program' });
    const [first] = [
      await rig.make(50, 'released', { text: 'the program' }),
      ...[await rig.make(40), await rig.make(30)],
    ];
    const flying = await rig.make(55, 'none');
    // A layer of an image, say, that the version to go has as well.
    const shared = await rig.store.put(Buffer.from('a layer'));
    for (const { releaseId, version, artifact } of [first, flying]) {
      const made = {
        product: 'lib',
        releaseId,
        version,
        at: new Date(0).toISOString(),
        parts: [artifact, shared],
      };
      await rig.store.putNamed(madeName('lib', releaseId), Buffer.from(JSON.stringify(made)));
    }
    const { removed } = (await rig.prune()).value;
    // Both have the same bytes, so both go, or none does.
    expect(aborted.artifact).toEqual(first.artifact);
    expect(removed.map(({ version, isReleased }) => [version, isReleased])).toEqual([
      [aborted.version, false],
      [first.version, true],
    ]);
    expect(await rig.isThere(first)).toBe(false);
    expect(await rig.store.has(shared)).toBe(true);
    expect(await rig.isThere(flying)).toBe(true);
    await flying.end();
    expect((await rig.prune()).value.removed).toMatchObject([{ version: flying.version, isReleased: false }]);
    expect(await rig.isThere(flying)).toBe(false);
    expect(await rig.store.has(shared)).toBe(false);
  });

  it('answers with the day and the policy for a version whose bytes are gone', async () => {
    const rig = await open({ keep_versions: 1 });
    const commit = await rig.commit('feat: begin', { VERSION: '0.1.0' }, 'v0.1.0');
    rig.git('tag', 'v0.3.0');
    rig.git('push', '--quiet', '--tags', 'origin');
    const first = await rig.make(9, 'released', { commit });
    await rig.make(8);
    const last = await rig.make(7, 'released', { commit });
    await rig.prune();
    const found = await rig.release.findReleased({ product: 'lib', version: first.version });
    expect(found.artifact).toBeUndefined();
    expect(found.removed).toEqual({
      at: expect.stringContaining(new Date().toISOString().slice(0, 10)),
      policy: 'beyond the newest 2 versions',
    });
    const other = await rig.release.findReleased({ product: 'lib', version: last.version });
    expect(other).toMatchObject({ artifact: last.artifact });
    expect(other.removed).toBeUndefined();
    expect(await rig.store.readNamed(releasedName('lib', first.version))).toBeDefined();
  });
});
