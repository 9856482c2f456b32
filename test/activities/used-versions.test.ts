import { describe, expect, it, onTestFinished } from 'vitest';
import { openRecord, type ReleaseRecord } from '../../src/release/record/record.ts';
import { openRoleRig } from '../support/fixture/role-rig.ts';

const AT = '2026-11-25T10:00:00.000Z';
/** None of them is run. */
const SCRIPTS = Object.fromEntries(
  ['deploy', 'verify', 'smoke', 'traffic', 'rollback'].map((name) => [name, `ops/${name}`]),
);
const EARLIER = 'lib-20261125-aaaaaa';

describe('a version that is used up', () => {
  const open = async () => {
    const rig = await openRoleRig();
    onTestFinished(rig.close);
    await rig.commit('feat: begin', { 'package.json': '{"name":"lib","version":"1.0.0"}\n' }, 'v1.0.0');
    const feature = await rig.commit('feat: more', { 'MORE.md': 'more\n' });
    /** What the store keeps of an earlier run. */
    const archive = async (version: string, base: string, more: Partial<ReleaseRecord>) => {
      const request = { ...rig.request, releaseId: EARLIER };
      const record = { ...openRecord('release', request, 'Lib', AT), ...more };
      const plan = { version, base, tag: `v${version}`, type: 'minor', branch: '' };
      await rig.store.putNamed(
        `records/lib/${EARLIER}.json`,
        Buffer.from(JSON.stringify({ ...record, plan, endedAt: AT })),
      );
    };
    const hotfix = (more: { version?: string } = {}) =>
      rig.release.prepareHotfix({
        request: { ...rig.request, ...more },
        settings: rig.settings,
        running: '1.0.0',
        commits: [feature],
        plannedAt: AT,
      });
    return { rig, feature, archive, hotfix };
  };

  it('by a rollback is passed over, and approvers hear first what was rolled back', async () => {
    const { rig, feature, archive } = await open();
    expect((await rig.plan()).version).toBe('1.1.0');
    await archive('1.1.0', feature, { outcome: 'rolled_back' });
    await rig.commit('fix: mended');
    const plan = await rig.plan();
    expect(plan).toMatchObject({ version: '1.1.1', tag: 'v1.1.1', type: 'minor', blockers: [] });
    expect(plan.branch).toBe('release/lib/v1.1.1');
    expect(plan.takenBack).toEqual(['1.1.0']);
    expect(plan.warnings[0]).toBe(`1.1.0 is used up: it was rolled back (${EARLIER})`);
    expect((await rig.store.read(plan.changelog)).toString()).toContain('1.1.1');
  });

  it('by an abort after publishing is passed over; by one before it is not', async () => {
    const { rig, feature, archive } = await open();
    await archive('1.1.0', feature, { outcome: 'aborted' });
    expect((await rig.plan()).version).toBe('1.1.0');
    const publication = { registry: 'npm', name: 'lib', url: '', digest: '', tags: [] };
    await archive('1.1.0', feature, { outcome: 'aborted', publications: [publication] });
    expect((await rig.plan()).version).toBe('1.1.1');
  });

  it('by what went live is passed over, whatever became of the run that brought it there', async () => {
    const rig = await openRoleRig({
      environments: {
        production: { kind: 'production', url: 'http://127.0.0.1:1', scripts: SCRIPTS },
      },
    });
    onTestFinished(rig.close);
    await rig.commit('feat: begin', { 'package.json': '{"name":"lib","version":"1.0.0"}\n' }, 'v1.0.0');
    const commit = await rig.commit('fix: one');
    const shared = { product: 'lib', environment: 'production', releaseId: EARLIER, at: AT, generation: 3 };
    await rig.release.noteHistory({ entry: { ...shared, event: 'went_live', version: '1.0.1', commit } });
    expect((await rig.plan()).version).toBe('1.0.2');
  });

  it('is said where a person asks for exactly it', async () => {
    const { rig, feature, archive } = await open();
    await archive('1.1.0', feature, { outcome: 'rolled_back' });
    const asked = await rig.release.checkReadiness({ request: { ...rig.request, version: '1.1.0' } });
    expect(asked.blockers).toEqual([
      `1.1.0 is used up: it was rolled back (${EARLIER}); take a higher one (--version)`,
    ]);
    expect(asked.instead).toBeUndefined();
  });

  it('is not one of which an earlier run left only its branch: that is taken over', async () => {
    const { rig } = await open();
    rig.git('checkout', '--quiet', '-b', 'left', 'HEAD');
    rig.git(
      ...[
        'commit',
        '--quiet',
        '--allow-empty',
        '-m',
        'chore(release): 1.1.0',
        '-m',
        `Release-Id: ${EARLIER}`,
      ],
    );
    rig.git('push', '--quiet', 'origin', 'HEAD:refs/heads/release/lib/v1.1.0');
    const plan = await rig.plan();
    expect(plan.version).toBe('1.1.0');
    const { commit, bundle } = await rig.release.commitRelease({ plan });
    const { releaseId } = rig.request;
    const about = { product: 'lib', releaseId, branch: plan.branch, commit, base: plan.base, bundle };
    const pushed = await rig.release.pushReleaseBranch({ ...about, replaces: [] });
    expect(pushed.receipts[0]).toMatchObject({ outcome: 'done', proof: commit });
  });

  it('is one whose branch somebody else works on', async () => {
    const { rig } = await open();
    rig.git('push', '--quiet', 'origin', 'HEAD:refs/heads/release/lib/v1.1.0');
    const plan = await rig.plan();
    expect(plan.version).toBe('1.1.1');
    expect(plan.warnings[0]).toContain('the branch release/lib/v1.1.0, on which somebody else works');
  });

  it('gives a hotfix the next free number, or the one that was asked for', async () => {
    const { feature, archive, hotfix } = await open();
    expect((await hotfix()).version).toBe('1.0.1');
    await archive('1.0.1', feature, { outcome: 'rolled_back' });
    expect(await hotfix()).toMatchObject({ version: '1.0.2', branch: 'hotfix/lib/v1.0.2' });
    expect((await hotfix({ version: '1.0.7' })).version).toBe('1.0.7');
    await expect(hotfix({ version: '1.0.1' })).rejects.toThrow(/1\.0\.1 was asked for, which is used up/);
    await expect(hotfix({ version: '1.0.0' })).rejects.toThrow(/not above 1\.0\.0/);
  });
});
