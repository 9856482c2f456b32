import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openGitea } from '../../../src/providers/host/gitea/connection.ts';
import { openMerging as openGiteaMerging } from '../../../src/providers/host/gitea/merging.ts';
import { openGitLab } from '../../../src/providers/host/gitlab/connection.ts';
import { openMerging as openGitLabMerging } from '../../../src/providers/host/gitlab/merging.ts';
import { describeRequest, type HostMerging } from '../../../src/providers/host/merging.ts';
import { startGitea } from '../../support/host/gitea-fake.ts';
import { startGitLab } from '../../support/host/gitlab-fake.ts';

/** A host as these tests arrange it. */
interface Arranged {
  repositoryPath: string;
  merging: HostMerging;
  violations: string[];
  protect(branch: string): void;
  needApproval(): void;
  /** A person's press of a button on a pull request. */
  approve(number: number): void;
  close(number: number): void;
  stop(): Promise<void>;
}

const PACE = { secondMs: 5, timeoutMs: 2000 };

const HOSTS: Record<string, () => Promise<Arranged>> = {
  GitLab: async () => {
    const { state, ...gitlab } = await startGitLab();
    const { apiUrl, token, project } = gitlab;
    const find = (number: number) => state.mergeRequests.find(({ iid }) => iid === number);
    return {
      ...gitlab,
      merging: openGitLabMerging(openGitLab({ apiUrl, token, project, ...PACE })),
      protect: (branch) => state.merging.protected.push(branch),
      needApproval: () => Object.assign(state.merging, { needsApproval: true }),
      approve: (number) => Object.assign(find(number) ?? {}, { approved: true }),
      close: (number) => Object.assign(find(number) ?? {}, { state: 'closed' }),
    };
  },
  Gitea: async () => {
    const { state, ...gitea } = await startGitea();
    const { apiUrl, token, owner, repo } = gitea;
    const find = (wanted: number) => state.issues.find(({ number }) => number === wanted);
    return {
      ...gitea,
      merging: openGiteaMerging(openGitea({ apiUrl, token, project: `${owner}/${repo}`, ...PACE })),
      protect: (branch) => state.merging.protected.push(branch),
      needApproval: () => Object.assign(state.merging, { needsApproval: true }),
      approve: (number) => Object.assign(find(number)?.pull ?? {}, { approved: true }),
      close: (number) => Object.assign(find(number) ?? {}, { state: 'closed' }),
    };
  },
};

const WAY = { from: 'release/shop/v1.1.0', into: 'main' };
const REQUEST = { ...WAY, key: 'shop-1/pull-request/main', title: 'chore: 1.1.0', body: 'It is live.' };

describe.each(Object.keys(HOSTS))('a pull request into a branch of %s', (name) => {
  let host: Arranged;
  let clone: string;

  beforeEach(async () => {
    host = (await HOSTS[name]?.()) as Arranged;
    clone = mkdtempSync(join(tmpdir(), 'windlass-merging-'));
    git('init', '--quiet', '--initial-branch=main');
    git('remote', 'add', 'origin', host.repositoryPath);
    commit('one.txt', 'one');
    git('push', '--quiet', 'origin', 'main');
    git('switch', '--quiet', '--create', WAY.from);
    commit('release.txt', 'released');
    git('push', '--quiet', 'origin', WAY.from);
  });
  afterEach(async () => {
    await host.stop();
    rmSync(clone, { recursive: true });
    expect(host.violations).toEqual([]);
  });

  function git(...args: string[]): string {
    const identity = ['-c', 'user.name=Ola', '-c', 'user.email=ola@example.test'];
    return execFileSync('git', [...identity, '-C', clone, ...args], { encoding: 'utf8' }).trim();
  }

  function commit(file: string, text: string): void {
    writeFileSync(join(clone, file), text);
    git('add', '.');
    git('commit', '--quiet', '-m', text);
  }

  async function open(): Promise<number> {
    const spec = describeRequest(host.merging, REQUEST);
    await spec.write();
    const read = await spec.read();
    if (read.is !== 'ours') throw new Error('it was not opened');
    return read.value.number;
  }

  test('is opened once, and merged by a merge commit of our own words', async () => {
    expect(await describeRequest(host.merging, REQUEST).read()).toEqual({ is: 'absent' });
    const number = await open();
    await expect(host.merging.create(REQUEST)).rejects.toThrow(/409/);
    const { head, url, ...standing } = await host.merging.look(number);
    expect(standing).toEqual({ number, ...WAY, state: 'open', merging: 'ready' });
    expect(head).toBe(git('rev-parse', 'HEAD'));
    const words = { number, title: 'chore: merge 1.1.0', message: 'Release-Id: shop-1' };
    await expect(host.merging.merge({ ...words, head: '0'.repeat(40) })).rejects.toThrow(/409/);
    await host.merging.merge({ ...words, head });
    expect((await host.merging.look(number)).state).toBe('merged');
    expect(await host.merging.findOpen(WAY)).toBeUndefined();
    git('fetch', '--quiet');
    expect(git('log', '-1', '--format=%B', 'origin/main')).toBe('chore: merge 1.1.0\n\nRelease-Id: shop-1');
    expect(git('log', '-1', '--format=%P', 'origin/main').split(' ')[1]).toBe(head);
  });

  test('that is not approved yet is refused as "not yet", and taken afterwards', async () => {
    host.needApproval();
    const number = await open();
    const { head } = await host.merging.look(number);
    const merge = () => host.merging.merge({ number, head, title: 'chore: merge', message: '' });
    await expect(merge()).rejects.toMatchObject({ status: 405 });
    host.approve(number);
    await merge();
    expect((await host.merging.look(number)).state).toBe('merged');
  });

  test('that somebody closed is not taken for open, and one in conflict is not ready', async () => {
    const number = await open();
    git('switch', '--quiet', 'main');
    commit('release.txt', 'something else');
    git('push', '--quiet', 'origin', 'main');
    expect((await host.merging.look(number)).merging).not.toBe('ready');
    host.close(number);
    expect((await host.merging.look(number)).state).toBe('closed');
    expect(await host.merging.findOpen(WAY)).toBeUndefined();
  });

  test('is demanded where the branch takes no push of this token', async () => {
    expect(await host.merging.findDemand('main')).toBeUndefined();
    host.protect('main');
    expect(await host.merging.findDemand('main')).toMatch(/may not push/);
  });
});
