import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GreeterWorld, startGreeterWorld } from '../../support/fixture/greeter-world.ts';
import { type GiteaFake, startGitea } from '../../support/host/gitea-fake.ts';

describe('a release of a product on Gitea', () => {
  let gitea: GiteaFake;
  let world: GreeterWorld;
  let request: number;

  beforeAll(async () => {
    gitea = await startGitea({ repo: 'greeter' });
    const move = (product: Record<string, unknown>) => {
      const origin = String(product['repository']);
      execFileSync('git', ['-C', origin, 'push', '--quiet', '--mirror', gitea.repositoryPath]);
      product['repository'] = { url: gitea.gitUrl, token: 'push', read_token: 'fetch' };
      product['gitea'] = { owner: gitea.owner, repo: gitea.repo, api_url: gitea.apiUrl, token: 'host' };
      product['changelog'] = { pull_request_details: true };
    };
    world = await startGreeterWorld(move, {
      push: { value: gitea.token, roles: ['release'] },
      host: { value: gitea.token, roles: ['release'] },
      fetch: { value: gitea.readOnlyToken, roles: ['writer', 'qa', 'devops', 'support'] },
    });
    const tip = git('rev-parse', 'refs/heads/main');
    request = gitea.addIssue({
      ...{ title: 'the last change', author: 'ola', state: 'closed' },
      pull: { merged_at: '2026-01-02T03:04:05Z', mergeSha: tip, commits: [tip] },
    });
    gitea.state.statuses.push({ id: 1, sha: tip, context: 'ci / test (push)', status: 'success' });
  });

  afterAll(async () => {
    await world?.stop();
    await gitea?.stop();
  });

  const git = (...args: string[]) =>
    execFileSync('git', ['-C', gitea.repositoryPath, ...args], { encoding: 'utf8' }).trim();

  it('looks at statuses, tags over http, publishes the release with its package, and tells the pull request', async () => {
    await world.start();
    const record = await world.approveEverything();
    expect(record.outcome, record.ending).toBe('released');
    const version = record.plan?.version ?? '';
    const readiness = record.steps.find(({ id }) => id === 'readiness.check');
    expect(readiness?.detail).toMatch(/checks of [0-9a-f]{12}: success/);

    expect(git('rev-parse', `refs/tags/v${version}^{}`)).toBe(record.commit);
    const [release, ...more] = gitea.state.releases;
    expect(more).toEqual([]);
    expect(release).toMatchObject({
      ...{ tag_name: `v${version}`, name: `Greeter ${version}`, author: 'releaser', draft: false },
    });
    const [anchor] = /sha256:[0-9a-f]{64}/.exec(release?.body ?? '') ?? [];
    expect(git('cat-file', 'tag', `v${version}`)).toContain(`Audit: ${anchor}`);
    // Gitea's own forms, though nothing in the address says that it is one.
    const linked = /\(\[#2\]\(http:\/\/127\.0\.0\.1:\d+\/team\/greeter\/pulls\/2\)\)/;
    expect(release?.body).toMatch(linked);
    expect(git('show', `v${version}:CHANGELOG.md`)).toMatch(linked);
    expect(release?.assets.map(({ name }) => name).sort()).toEqual([
      `${record.product}-${version}.intoto.jsonl`,
      `windlass-example-greeter-${version}.tgz`,
    ]);
    const link = record.links.find(({ name }) => name === 'release notes');
    expect(link?.url).toContain(`/team/greeter/releases/tag/v${version}`);

    expect(gitea.state.comments.map(({ number, author }) => [number, author])).toEqual([
      [request, 'releaser'],
    ]);
    expect(gitea.state.comments[0]?.body).toContain(`This is out in [v${version}](${link?.url}).`);
    expect(gitea.violations).toEqual([]);
  });
});
