import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openGitHub } from '../../../../src/providers/host/github/connection.ts';
import { openMerging } from '../../../../src/providers/host/github/merging.ts';
import { preflightGitHub } from '../../../../src/providers/host/github/preflight/preflight.ts';
import { describeRequest, type HostMerging } from '../../../../src/providers/host/merging.ts';
import { type GitHubFake, startGitHub } from '../../../support/host/github-fake.ts';
import { type GitHubDescription, loadGitHubDescription } from '../../../support/host/github-openapi.ts';

let github: GitHubFake;
let description: GitHubDescription;
let clone: string;
let merging: HostMerging;

const WAY = { from: 'release/shop/v1.1.0', into: 'main' };
const REQUEST = { ...WAY, key: 'shop-1/pull-request/main', title: 'chore: 1.1.0', body: 'It is live.' };

beforeAll(() => {
  description = loadGitHubDescription();
});
beforeEach(async () => {
  github = await startGitHub({ description });
  clone = mkdtempSync(join(tmpdir(), 'windlass-merging-'));
  git('init', '--quiet', '--initial-branch=main');
  git('remote', 'add', 'origin', github.repositoryPath);
  commit('one');
  git('push', '--quiet', 'origin', 'main');
  git('switch', '--quiet', '--create', WAY.from);
  commit('release');
  git('push', '--quiet', 'origin', WAY.from);
  merging = openMerging(connect());
});
afterEach(async () => {
  const { violations } = github;
  await github.stop();
  rmSync(clone, { recursive: true });
  expect(violations).toEqual([]);
});

function connect() {
  const { apiUrl, owner, repo, token } = github;
  return openGitHub({ apiUrl, token, owner, repo, secondMs: 5, timeoutMs: 2000 });
}

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Ola', '-c', 'user.email=ola@example.test'];
  return execFileSync('git', [...identity, '-C', clone, ...args], { encoding: 'utf8' }).trim();
}

function commit(name: string): string {
  execFileSync('sh', ['-c', `echo ${name} > ${name}.txt`], { cwd: clone });
  git('add', '.');
  git('commit', '--quiet', '-m', name);
  return git('rev-parse', 'HEAD');
}

async function open(): Promise<number> {
  const spec = describeRequest(merging, REQUEST);
  await spec.write();
  const read = await spec.read();
  if (read.is !== 'ours') throw new Error('it was not opened');
  return read.value.number;
}

async function look(number: number) {
  const { merging: standing, state } = await merging.look(number);
  return `${state} ${standing}`;
}

describe('a pull request into a branch of GitHub', () => {
  test('is opened once, stands as the rules say, and is merged by a merge commit of our own words', async () => {
    expect(await describeRequest(merging, REQUEST).read()).toEqual({ is: 'absent' });
    const number = await open();
    await expect(merging.create(REQUEST)).rejects.toThrow(/422/);
    github.merging.needsReview = true;
    expect(await look(number)).toBe('open waits');
    github.merging.approved.add(number);
    expect(await look(number)).toBe('open ready');
    const { head } = await merging.look(number);
    expect(head).toBe(git('rev-parse', 'HEAD'));
    const words = { number, title: 'chore: merge 1.1.0', message: 'Release-Id: shop-1' };
    await expect(merging.merge({ ...words, head: '0'.repeat(40) })).rejects.toThrow(/409/);
    await merging.merge({ ...words, head });
    expect(await look(number)).toBe('merged waits');
    git('fetch', '--quiet');
    expect(git('log', '-1', '--format=%B', 'origin/main')).toBe('chore: merge 1.1.0\n\nRelease-Id: shop-1');
    expect(git('log', '-1', '--format=%P', 'origin/main').split(' ')[1]).toBe(head);
  });

  test('is behind where the branch must be up to date, and in conflict where both changed the same', async () => {
    const number = await open();
    github.merging.upToDate = true;
    git('switch', '--quiet', 'main');
    commit('two');
    git('push', '--quiet', 'origin', 'main');
    expect(await look(number)).toBe('open behind');
    execFileSync('sh', ['-c', 'echo other > release.txt'], { cwd: clone });
    git('add', '.');
    git('commit', '--quiet', '-m', 'another release');
    git('push', '--quiet', 'origin', 'main');
    expect(await look(number)).toBe('open conflict');
  });

  test('that somebody closed is not taken for open', async () => {
    const number = await open();
    await github.patchPull(number, { state: 'closed' });
    expect(await look(number)).toBe('closed waits');
    expect(await merging.findOpen(WAY)).toBeUndefined();
  });

  test.each([
    ['rules that nobody goes past', { rules: ['pull_request'], bypass: 'never' as const }, true],
    [
      'rules that only pull requests go past',
      { rules: ['pull_request'], bypass: 'pull_requests_only' as const },
      true,
    ],
    ['required checks', { rules: ['required_status_checks'], bypass: 'never' as const }, true],
    ['rules that this token goes past', { rules: ['pull_request'], bypass: 'always' as const }, false],
    [
      'rules that no pull request keeps',
      { rules: ['required_linear_history'], bypass: 'never' as const },
      false,
    ],
  ])('is demanded, or not, by %s', async (_, ruleset, demanded) => {
    github.rulesets.push({ id: 1, name: 'main', target: 'branch', include: ['refs/heads/main'], ...ruleset });
    expect((await merging.findDemand('main')) !== undefined).toBe(demanded);
    const { findings } = await preflightGitHub(connect(), { main: 'main', byRequest: true });
    const troubles = findings.filter(({ state }) => state !== 'ok');
    expect(troubles.map(({ state }) => state)).toEqual(
      ruleset.rules[0]?.includes('linear') ? ['problem'] : [],
    );
  });

  test('is demanded by classic protection', async () => {
    expect(await merging.findDemand('main')).toBeUndefined();
    await github.call('releaser', 'PUT', '/repos/team/shop/branches/main/protection', {
      required_status_checks: null,
      enforce_admins: true,
      required_pull_request_reviews: { required_approving_review_count: 1 },
      restrictions: null,
    });
    expect(await merging.findDemand('main')).toBe('its protection demands a pull request');
  });
});
