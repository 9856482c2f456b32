import { execFileSync } from 'node:child_process';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { performEffect } from '../../../../src/activities/perform-effect.ts';
import { openGitHubHost } from '../../../../src/providers/host/github/host.ts';
import type { ShownDeployment } from '../../../../src/providers/host/host.ts';
import { type GitHubFake, startGitHub } from '../../../support/host/github-fake.ts';
import { type GitHubDescription, loadGitHubDescription } from '../../../support/host/github-openapi.ts';
import { CALM, settingsOf } from '../host-test.ts';

let github: GitHubFake;
let description: GitHubDescription;
let commits: string[];

beforeAll(() => {
  description = loadGitHubDescription();
});
beforeEach(async () => {
  github = await startGitHub({ description });
  commits = ['one', 'two', 'three'].map(commit);
});
afterEach(async () => {
  const { violations } = github;
  await github.stop();
  // Every request and every answer is as GitHub describes itself.
  expect(violations).toEqual([]);
});

/** A commit that GitHub has; without a file, since only its id matters. */
function commit(subject: string): string {
  const author = ['-c', 'user.name=Mira', '-c', 'user.email=mira@example.invalid'];
  const at = ['-C', github.repositoryPath];
  const tree = execFileSync('git', [...at, 'mktree'], { input: '', encoding: 'utf8' }).trim();
  const id = execFileSync('git', [...at, ...author, 'commit-tree', tree, '-m', subject], {
    encoding: 'utf8',
  });
  execFileSync('git', [...at, 'update-ref', `refs/tags/${subject}`, id.trim()]);
  return id.trim();
}

async function show(over: Partial<ShownDeployment>, token = github.token) {
  const settings = settingsOf({ kind: 'github', apiUrl: github.apiUrl, project: 'team/shop' });
  const host = openGitHubHost({ settings, token, signal: AbortSignal.timeout(30_000) });
  const effects = host.repository?.describeDeployment?.({
    key: 'r1/deployment/production/1',
    product: 'shop',
    version: '1.0.0',
    ref: commits[0]!,
    environment: 'production',
    isProduction: true,
    url: 'https://shop.example',
    logUrl: 'https://windlass.example/releases/shop',
    state: 'in_progress',
    ...over,
  });
  const outcomes: string[] = [];
  for (const effect of effects ?? []) {
    const { receipts } = await performEffect(CALM, effect);
    outcomes.push(...receipts.map(({ outcome }) => outcome));
  }
  return outcomes;
}

const states = () => github.deployments.map(({ statuses }) => statuses.map(({ state }) => state).join(' '));

describe('deployments on GitHub', () => {
  test('one deployment for its key, each state once, with the address of the environment', async () => {
    expect(await show({ state: 'queued' })).toEqual(['done', 'done']);
    expect(await show({ state: 'in_progress' })).toEqual(['done_before', 'done']);
    await show({ state: 'success' });
    expect(await show({ state: 'success' })).toEqual(['done_before', 'done_before', 'done_before']);
    expect(states()).toEqual(['queued in_progress success']);
    const [made] = github.deployments;
    expect(made).toMatchObject({ sha: commits[0], environment: 'production', production_environment: true });
    expect(made?.statuses.at(-1)).toMatchObject({
      environment_url: 'https://shop.example',
      log_url: 'https://windlass.example/releases/shop',
      description: 'production runs 1.0.0',
    });
  });

  test.each([
    ['production', true],
    ['staging', false],
  ])('a success ends the one before in %s, a failure does not', async (environment, isProduction) => {
    const to = (n: number, state: ShownDeployment['state']) =>
      show({ key: `r${n}`, ref: commits[n]!, version: `1.${n}.0`, environment, isProduction, state });
    await to(0, 'success');
    await to(1, 'in_progress');
    await to(1, 'failure');
    expect(states()).toEqual(['success', 'in_progress failure']);
    await to(2, 'success');
    expect(states()).toEqual(['success inactive', 'in_progress failure', 'success']);
  });

  test('going back to a version makes the one that was taken back inactive', async () => {
    await show({ key: 'r1', ref: 'one', state: 'success' });
    await show({ key: 'r2', ref: 'two', version: '1.1.0', state: 'success' });
    await show({ key: 'r2/back', ref: 'one', state: 'success' });
    expect(states()).toEqual(['success inactive', 'success inactive', 'success']);
    expect(github.deployments[1]?.statuses.at(-1)?.description).toBe('1.0.0 took its place');
  });

  test('leaves alone what another product, another environment or somebody else deployed', async () => {
    await show({ key: 'docs', product: 'docs', state: 'success' });
    await show({ key: 'eu', environment: 'production-eu', state: 'success' });
    await show({ key: 'planted', state: 'success' }, 'token-of-alice');
    await show({ key: 'r1', ref: commits[1]!, state: 'success' });
    // Alice's has our key, and is none of ours.
    await show({ key: 'planted', ref: commits[0]!, state: 'in_progress' });
    expect(states()).toEqual(['success', 'success', 'success', 'success', 'in_progress']);
  });

  test('a lost answer makes no second deployment, and a commit that GitHub has not is said so', async () => {
    github.fail({ on: /^POST .*\/deployments$/, answer: 'cut', afterDoing: true });
    await show({});
    expect(states()).toEqual(['in_progress']);
    const missing = show({ key: 'other', ref: 'f'.repeat(40) });
    await expect(missing).rejects.toThrow(/note the deployment to production.*No ref found/);
  });
});
