import { execFileSync } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRoleRig } from '../support/fixture/role-rig.ts';

const PACKAGE = '{\n  "name": "lib",\n  "version": "1.0.0"\n}\n';

describe("a team's own words for commits, tags and branches", () => {
  it('are used for the whole release, which the next plan leaves out', async () => {
    const rig = await openRoleRig({
      git: {
        commit_message: 'feat: ship {title} {version} [skip ci]\n\nBREAKING CHANGE: none, a {type} as {tag}.',
        merge_message: 'feat!: {version} goes into {branch}',
        tag_message: 'Ausgabe {version} ({product}, {tag})',
        branch: 'ship/{product}/{version}',
      },
    });
    onTestFinished(rig.close);
    await rig.commit('feat: begin', { 'package.json': PACKAGE }, 'v1.0.0');
    await rig.commit('fix: count to three');
    const plan = await rig.plan();
    expect([plan.version, plan.branch]).toEqual(['1.0.1', 'ship/lib/1.0.1']);

    const { commit, bundle } = await rig.release.commitRelease({ plan });
    const { releaseId } = rig.request;
    const { base, branch, version, tag, plannedAt } = plan;
    const about = { product: 'lib', releaseId, version, commit, base, plannedAt };
    await rig.release.pushReleaseBranch({ ...about, branch, bundle, replaces: [] });
    await rig.release.mergeRelease(about);
    await rig.release.pushTag({ ...about, tag, anchor: 'sha256:0' });

    rig.pull();
    const origin = (...args: string[]) =>
      execFileSync('git', ['-C', rig.origin, ...args], { encoding: 'utf8' }).trim();
    expect(origin('log', '-1', '--format=%B', branch)).toBe(
      `feat: ship Lib 1.0.1 [skip ci]\n\nBREAKING CHANGE: none, a patch as v1.0.1.\n\nRelease-Id: ${releaseId}`,
    );
    expect(origin('log', '-1', '--format=%s', 'main')).toBe('feat!: 1.0.1 goes into main');
    expect(origin('tag', '-l', '--format=%(contents:subject)', 'v1.0.1')).toBe('Ausgabe 1.0.1 (lib, v1.0.1)');

    // What the release wrote says feat and breaking; only the person's own commit counts.
    await rig.commit('fix: count to four');
    const next = await rig.plan();
    expect([next.version, next.includedTotal]).toEqual(['1.0.2', 1]);
  });
});
