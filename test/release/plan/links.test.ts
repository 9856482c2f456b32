/** Links in the form of the host that has them, or none. */
import { describe, expect, it } from 'vitest';
import { makeLinks } from '../../../src/release/plan/links/links.ts';
import { linksOf } from '../../../src/release/plan/links/product-links.ts';
import { webAddress } from '../../../src/release/plan/links/web-address.ts';
import { planRelease } from '../../../src/release/plan/plan-release.ts';
import type { ProductSettings } from '../../../src/release/settings.ts';
import { commitsOf, historyOf, OPTIONS } from './history-fixtures.ts';

const addresses = (url: string) => {
  const links = makeLinks(webAddress(url));
  return [
    links.commit('abc1234'),
    links.issue({ kind: 'pull', project: null, origin: null, number: 12 }),
    links.compare('v1.0.0', 'v1.1.0'),
    links.tag('v1.1.0'),
  ];
};

describe('Links have the form of the host:', () => {
  it.each([
    [
      'git@github.example.com:o/r.git',
      'https://github.example.com/o/r',
      ['/commit/abc1234', '/pull/12', '/compare/v1.0.0...v1.1.0', '/releases/tag/v1.1.0'],
    ],
    [
      'https://gitlab.example.com/g/s/r.git',
      'https://gitlab.example.com/g/s/r',
      ['/-/commit/abc1234', '/-/merge_requests/12', '/-/compare/v1.0.0...v1.1.0', '/-/tags/v1.1.0'],
    ],
    [
      'https://codeberg.org/o/r.git',
      'https://codeberg.org/o/r',
      ['/commit/abc1234', '/pulls/12', '/compare/v1.0.0...v1.1.0', '/releases/tag/v1.1.0'],
    ],
    [
      'ssh://git@gitea.example.com:2222/o/r.git',
      'https://gitea.example.com/o/r',
      ['/commit/abc1234', '/pulls/12', '/compare/v1.0.0...v1.1.0', '/releases/tag/v1.1.0'],
    ],
    [
      'git@bitbucket.org:o/r.git',
      'https://bitbucket.org/o/r',
      ['/commits/abc1234', '/pull-requests/12', '/branches/compare/v1.1.0%0Dv1.0.0', '/src/v1.1.0'],
    ],
    [
      'ssh://git@bitbucket.example.com:7999/PRJ/r.git',
      'https://bitbucket.example.com/projects/PRJ/repos/r',
      [
        '/commits/abc1234',
        '/pull-requests/12',
        '/compare/commits?targetBranch=v1.0.0&sourceBranch=v1.1.0',
        '/browse?at=refs%2Ftags%2Fv1.1.0',
      ],
    ],
    [
      'https://git.example.com/scm/~ada/r.git',
      'https://git.example.com/users/ada/repos/r',
      [
        '/commits/abc1234',
        '/pull-requests/12',
        '/compare/commits?targetBranch=v1.0.0&sourceBranch=v1.1.0',
        '/browse?at=refs%2Ftags%2Fv1.1.0',
      ],
    ],
    [
      'https://org@dev.azure.com/org/my%20proj/_git/repo',
      'https://dev.azure.com/org/my%20proj/_git/repo',
      [
        '/commit/abc1234',
        '/pullrequest/12',
        '/branchCompare?baseVersion=GTv1.0.0&targetVersion=GTv1.1.0',
        '?version=GTv1.1.0',
      ],
    ],
  ])('%s', (remote, base, paths) => {
    expect(addresses(remote)).toEqual(paths.map((path) => base + path));
  });

  it('and none where it is not known, or not wanted', () => {
    expect(addresses('https://git.example.com/o/r')).toEqual([null, null, null, null]);
    expect(makeLinks('https://github.com/o/r', { form: 'none' }).commit('abc')).toBeNull();
    expect(makeLinks('https://git.example.com/o/r', { form: 'gitea' }).compare('a', 'b')).toBe(
      'https://git.example.com/o/r/compare/a...b',
    );
  });

  it('or the form that the configuration gives', () => {
    const links = makeLinks('https://github.com/o/r', {
      form: 'auto',
      own: {
        issue: 'https://tracker.example.com/SHOP-{number}',
        compare: 'https://git.example.com/?a={from}&b={to}',
      },
    });
    expect(links.issue({ kind: 'issue', project: null, origin: null, number: 7 })).toBe(
      'https://tracker.example.com/SHOP-7',
    );
    expect(links.compare('v1', 'v2)(')).toBe('https://git.example.com/?a=v1&b=v2%29%28');
    expect(links.commit('abc')).toBe('https://github.com/o/r/commit/abc');
  });
});

describe('The web address behind ssh', () => {
  it.each([
    ['git@ssh.dev.azure.com:v3/org/proj/repo', 'https://dev.azure.com/org/proj/_git/repo'],
    ['org@vs-ssh.visualstudio.com:v3/org/proj/repo', 'https://org.visualstudio.com/proj/_git/repo'],
    ['ssh://git@ssh.github.com:443/o/r.git', 'https://github.com/o/r'],
    ['ssh://git@altssh.gitlab.com:443/o/r.git', 'https://gitlab.com/o/r'],
    ['ssh://git@altssh.bitbucket.org:443/o/r.git', 'https://bitbucket.org/o/r'],
    ['git@github.com-work:o/r.git', 'https://github.com/o/r'],
  ])('of %s is %s', (remote, address) => {
    expect(webAddress(remote)).toBe(address);
  });
});

it('A release has the links of its repository, and those of its host where only that tells', () => {
  const product = (repositoryUrl: string, host?: { kind: string }) =>
    linksOf({ repositoryUrl, ...(host === undefined ? {} : { host }) } as ProductSettings);
  expect(product('git@github.com:o/r.git')).toEqual({
    repositoryUrl: 'https://github.com/o/r',
    links: { form: 'auto' },
  });
  expect(product('https://git.example.com/o/r', { kind: 'gitlab' }).links.form).toBe('gitlab');
  expect(product('/srv/git/r.git').repositoryUrl).toBeNull();
});

describe('Two changes of the same title', () => {
  const entries = (...commits: Parameters<typeof commitsOf>) =>
    planRelease(historyOf(commitsOf(...commits), { repositoryUrl: null }), OPTIONS).changelog.match(
      /^- .*/gm,
    );

  it('stay two', () => {
    expect(entries('fix: typo (#6)', 'fix: typo (#5)')).toEqual(['- typo (#6)', '- typo (#5)']);
    expect(entries('fix: typo', 'fix: typo')).toEqual(['- typo', '- typo']);
  });

  it('are one where a merge repeats its branch, or a pull request has both', () => {
    const merge = { message: 'Merge pull request #5 from o/typo\n\nfix: typo', parents: 2 };
    expect(entries(merge, 'fix: typo')).toEqual(['- typo (#5)']);
    expect(entries('fix: typo (#5)', 'fix: typo (#5)')).toEqual(['- typo (#5)']);
  });
});
