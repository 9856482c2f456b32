/** Histories as real projects have them, read and planned: merges taken back, wrong clocks, changed styles, monorepos. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HistoryOptions, readHistory } from '../../../src/integrations/git/history/history.ts';
import { type PlanOptions, planRelease } from '../../../src/release/plan/plan-release.ts';
import { createRepository, type TestRepository } from './history-repository.ts';

let repository: TestRepository;
beforeEach(() => {
  repository = createRepository();
});
afterEach(() => repository.remove());

async function plan(question: Partial<HistoryOptions> = {}, options: Partial<PlanOptions> = {}) {
  const history = await readHistory({ repository: repository.folder, ...question });
  return planRelease(history, { title: 'Shop', date: '2026-02-03T04:05:06Z', ...options });
}
const next = async (question: Partial<HistoryOptions> = {}, options: Partial<PlanOptions> = {}) =>
  (await plan(question, options)).next;
const prerelease = async (channel: string) => await plan({ channel }, { prerelease: channel });

const empty = (...messages: string[]) => {
  repository.git('commit', '--quiet', '--allow-empty', ...messages.flatMap((message) => ['-m', message]));
  return repository.git('rev-parse', 'HEAD');
};
const merge = (branch: string, ...messages: string[]) => {
  repository.git('merge', '--quiet', '--no-ff', ...messages.flatMap((message) => ['-m', message]), branch);
  return repository.git('rev-parse', 'HEAD');
};
/** A topic branch of two commits, merged as GitHub merges. */
function mergeTopic(title = 'feat: widget'): { merge: string; main: string } {
  repository.git('checkout', '--quiet', '-b', 'topic');
  repository.commit('feat!: add widget', { file: 'widget' });
  repository.commit('fix: widget corner', { file: 'widget' });
  repository.git('checkout', '--quiet', 'main');
  const main = repository.git('rev-parse', 'HEAD');
  return { merge: merge('topic', 'Merge pull request #12 from o/topic', title), main };
}
const reversing = (sha: string, main: string) =>
  `This reverts commit ${sha}, reversing\nchanges made to ${main}.`;

describe('A merge that is taken back takes its branch with it', () => {
  beforeEach(() => {
    repository.commit('feat: base');
    repository.git('tag', 'v1.0.0');
  });

  it('by git revert -m', async () => {
    const topic = mergeTopic();
    repository.commit('docs: x');
    empty('Revert "Merge pull request #12 from o/topic"', reversing(topic.merge, topic.main));
    expect(await next()).toBeNull();
  });

  it('by the button of GitHub, through a branch of its own', async () => {
    const topic = mergeTopic();
    repository.git('checkout', '--quiet', '-b', 'revert-12-topic');
    empty('Revert "feat: widget"', reversing(topic.merge, topic.main));
    repository.git('checkout', '--quiet', 'main');
    merge('revert-12-topic', 'Merge pull request #13 from o/revert-12-topic', 'Revert "feat: widget"');
    expect(await next()).toBeNull();
  });

  it.each([
    ['GitHub, squashed under another title', 'Revert the widget (#13)\n\nReverts o/shop#12'],
    ['GitLab', "Revert \"Merge branch 'topic' into 'main'\"\n\nThis reverts merge request !12"],
    ['Bitbucket', 'Revert "Widget"\n\nThis reverts pull request #12.'],
  ])('by the button of %s', async (_host, message) => {
    mergeTopic();
    empty(message);
    expect(await next()).toBeNull();
  });

  it('and brings it back when that is taken back in turn', async () => {
    const topic = mergeTopic();
    const back = empty('Revert "Merge pull request #12 from o/topic"', reversing(topic.merge, topic.main));
    empty('Reapply "Merge pull request #12 from o/topic"', `This reverts commit ${back}.`);
    expect(await next()).toBe('2.0.0');
  });

  it('and what was there besides stays', async () => {
    const topic = mergeTopic();
    repository.commit('fix: beside');
    empty('Revert "Merge pull request #12 from o/topic"', reversing(topic.merge, topic.main));
    const planned = await plan();
    expect(planned.next).toBe('1.0.1');
    expect(planned.commits.map(({ subject }) => subject)).toEqual(['fix: beside']);
  });

  it('also commit by commit: then the title of the merge says nothing any more', async () => {
    mergeTopic();
    for (const subject of ['fix: widget corner', 'feat!: add widget']) {
      const [sha] = repository.git('log', '--format=%H', `--grep=^${subject}`).split('\n');
      empty(`Revert "${subject}"`, `This reverts commit ${sha}.`);
    }
    expect(await next()).toBeNull();
  });
});

describe('Pre-releases of one line', () => {
  it.each([
    ['1.0.0', 'feat!: two', '2.0.0-rc1', 'rc', '2.0.0-rc2'],
    ['1.0.0', 'feat: two', '1.1.0-alpha1', 'alpha', '1.1.0-alpha2'],
    ['1.0.0', 'feat: two', '1.1.0-beta-3', 'beta', '1.1.0-beta-4'],
    ['1.0.0', 'feat: two', '1.1.0-rc.9', 'rc', '1.1.0-rc.10'],
    ['1.0.0', 'feat: two', '1.1.0-rc0', 'rc', '1.1.0-rc1'],
    ['1.0.0', 'feat: two', '1.1.0-beta', 'beta', '1.1.0-beta.1'],
  ])('after %s, %s and %s the next of %s is %s', async (base, message, before, channel, expected) => {
    repository.commit('feat: one');
    repository.git('tag', base);
    repository.commit(message);
    repository.git('tag', before);
    repository.commit('fix: three');
    expect(await prerelease(channel)).toMatchObject({ next: expected, warnings: [] });
    expect(await next()).toBe(expected.replace(/-.*/, ''));
  });

  it('that cannot be ordered without a dot go on, with a word', async () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.commit('feat: two');
    for (const tag of ['v1.1.0-rc8', 'v1.1.0-rc9']) repository.git('tag', tag);
    repository.commit('fix: three');
    const ten = await prerelease('rc');
    expect(ten.next).toBe('1.1.0-rc10');
    expect(ten.warnings.join(' ')).toContain('compared letter by letter');
    repository.git('tag', 'v1.1.0-rc10');
    repository.commit('fix: four');
    expect((await prerelease('rc')).next).toBe('1.1.0-rc11');
  });

  it('go on by channel, however far other channels are', async () => {
    repository.commit('feat: one');
    repository.git('tag', 'v2.1.0');
    repository.commit('feat: two');
    repository.git('tag', 'v2.2.0-development.3');
    repository.git('tag', 'v2.2.0-beta.1');
    expect((await prerelease('beta')).next).toBeNull();
    repository.commit('fix: three');
    repository.git('tag', 'v2.2.0-next.1');
    // Nothing came after `next`, but something after `beta`.
    expect((await prerelease('beta')).next).toBe('2.2.0-beta.2');
    expect((await prerelease('development')).next).toBe('2.2.0-development.4');
    expect((await prerelease('next')).next).toBeNull();
    expect((await prerelease('rc')).next).toBe('2.2.0-rc.1');
  });

  it('never step over the version that is being prepared without a word', async () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.commit('feat: two');
    repository.git('tag', 'v1.1.0-rc.1');
    repository.commit('fix: three');
    const planned = await prerelease('beta');
    expect(planned.warnings.join(' ')).toContain('1.1.0-beta.1 would be lower than 1.1.0-rc.1');
  });

  it('take the next number where one has a tag elsewhere, and say so', async () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.commit('feat: two');
    repository.git('tag', 'v1.1.0-rc.1');
    repository.git('checkout', '--quiet', '-b', 'side');
    repository.commit('fix: side');
    repository.git('tag', 'v1.1.0-rc.2');
    repository.git('checkout', '--quiet', 'main');
    repository.commit('fix: three');
    const planned = await prerelease('rc');
    expect(planned.next).toBe('1.1.0-rc.3');
    expect(planned.warnings.join(' ')).toContain('1.1.0-rc.2 has a tag already');
  });
});

/** Many commits on top of the last, the clock of some of them wrong. */
function fastForward(count: number, dateOf: (index: number) => number): void {
  const head = repository.git('rev-parse', 'HEAD');
  const commits = Array.from({ length: count }, (_, index) => {
    const message = index === 50 ? 'feat: x' : `chore: ${index}`;
    return `commit refs/heads/main\ncommitter A <a@b.test> ${dateOf(index)} +0000\ndata ${message.length}\n${message}\n${index === 0 ? `from ${head}\n` : ''}`;
  });
  execFileSync('git', ['fast-import', '--quiet', '--force'], {
    cwd: repository.folder,
    input: commits.join(''),
  });
}

describe('Clocks that were wrong lose no release', () => {
  const YEAR = 31_536_000;
  it.each<[string, (index: number) => number]>([
    ['one commit of 1971', (index) => (index === 2400 ? YEAR : 1_800_000_000 + index)],
    ['a machine that lived in 1971', (index) => (index < 100 ? 1_800_000_000 + index : YEAR + index)],
    ['one commit of 2100', (index) => (index === 10 ? YEAR * 130 : 1_800_000_000 + index)],
    ['all of them before the release', (index) => 1_500_000_000 + index],
  ])('%s', async (_what, dateOf) => {
    repository.commit('feat: base');
    repository.git('tag', 'v3.2.0');
    fastForward(2500, dateOf);
    expect(await next()).toBe('3.3.0');
  });

  it('nor the revert of a change, which stands after it in the graph', async () => {
    repository.commit('feat: base');
    repository.git('tag', 'v1.0.0');
    const sha = repository.commit('feat: b');
    repository.pass(-400 * 86_400);
    empty('Revert "feat: b"', `This reverts commit ${sha}.`);
    repository.pass(400 * 86_400);
    expect(await next()).toBeNull();
  });
});

describe('Tags', () => {
  const tagged = (first: string, second: string) => {
    repository.commit('feat: one');
    repository.git('tag', first);
    repository.commit('feat!: two');
    repository.git('tag', second);
    repository.commit('fix: three');
  };

  it.each([
    ['v1.2.3', 'my-lib-v2.0.0', 'my-lib-v2.0.1'],
    ['v1.2.3', '@org/my-lib@2.0.0', '@org/my-lib@2.0.1'],
    ['my-lib@1.2.3', '2.0.0', '2.0.1'],
    ['1.2.3', 'v2.0.0', 'v2.0.1'],
    ['v1.2.3', 'release-2.0.0', 'release-2.0.1'],
    ['v1.2.3', 'releases/v2.0.0', 'releases/v2.0.1'],
    ['v1.2.3', 'release/my-lib/v2.0.0', 'release/my-lib/v2.0.1'],
    ['v1.2.3', 'my-lib/release-2.0.0', 'my-lib/release-2.0.1'],
  ])('of a project that went from %s to %s go on as %s', async (first, second, expected) => {
    tagged(first, second);
    expect((await plan({ names: ['@org/my-lib', 'my-lib'] })).nextTag).toBe(expected);
  });

  it('of another style among the commits are told of, not passed over', async () => {
    tagged('v1.2.3', 'old-name-2.0.0');
    const { warnings } = await plan({ names: ['my-lib'] });
    expect(warnings.join(' ')).toContain('old-name-2.0.0');
    expect((await plan({ tagFormat: 'v{version}' })).warnings.join(' ')).toContain('old-name-2.0.0');
  });

  it('of other products, and dated builds, are not taken for releases', async () => {
    tagged('v1.2.3', 'my-lib-extra-v2.0.0');
    repository.git('tag', 'release-2024.11.5');
    expect((await plan({ names: ['my-lib'] })).current).toBe('1.2.3');
  });

  it('count by themselves where a branch has the same name', async () => {
    repository.commit('feat: one');
    repository.git('tag', 'v1.0.0');
    repository.commit('feat: two');
    repository.git('branch', 'v1.0.0');
    repository.commit('fix: three');
    expect(await next({ from: 'v1.0.0' })).toBe('1.1.0');
    expect(await next()).toBe('1.1.0');
  });
});

describe('A product in a monorepo', () => {
  const shop = { path: 'packages/shop', names: ['shop'] };
  beforeEach(() => {
    repository.commit('chore: top', { file: 'tsconfig.json' });
    repository.commit('chore: common', { file: 'libs/common/b' });
    repository.commit('feat: base', { file: 'packages/shop/a' });
    repository.git('tag', 'shop@1.0.0');
  });

  it('is demanded by an empty commit with Release-As', async () => {
    repository.commit('fix: b', { file: 'packages/shop/b' });
    empty('chore: release 2.0.0', 'Release-As: 2.0.0');
    expect(await next(shop)).toBe('2.0.0');
  });

  it('is spoken of by the titles of merges whose branches touch it, and by no other', async () => {
    for (const name of ['shop', 'admin']) {
      repository.git('checkout', '--quiet', '-b', name);
      repository.commit('docs: wip', { file: `packages/${name}/c` });
      repository.git('checkout', '--quiet', 'main');
      merge(
        name,
        `Merge pull request #1 from o/${name}`,
        `feat${name === 'admin' ? '!' : ''}: ${name} widget`,
      );
    }
    const { next: version, commits } = await plan(shop);
    expect(version).toBe('1.1.0');
    expect(commits.map(({ subject }) => subject)).not.toContain('feat!: admin widget');
  });

  it('may have several paths, without some of what is inside', async () => {
    const common = {
      ...shop,
      alsoPaths: ['libs/common', 'tsconfig.json'],
      excludePaths: ['packages/shop/docs'],
    };
    repository.commit('feat!: admin', { file: 'packages/admin/a' });
    repository.commit('feat: inside, and no part', { file: 'packages/shop/docs/a' });
    repository.commit('fix: common', { file: 'libs/common/a' });
    expect(await next(common)).toBe('1.0.1');
    repository.commit('feat: a file of the top', { file: 'tsconfig.json' });
    expect(await next(common)).toBe('1.1.0');
    expect(await next(shop)).toBe('1.1.0');
    expect(await next({ tagFormat: 'shop@{version}', excludePaths: ['packages', 'libs'] })).toBe('1.1.0');
  });
});
