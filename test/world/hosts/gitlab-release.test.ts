import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GreeterWorld, startGreeterWorld } from '../../support/fixture/greeter-world.ts';
import { type GitLabFake, startGitLab } from '../../support/host/gitlab-fake.ts';

describe('a release of a product on GitLab', () => {
  let gitlab: GitLabFake;
  let world: GreeterWorld;
  let request: number;

  beforeAll(async () => {
    gitlab = await startGitLab({ project: 'team/apps/greeter' });
    const move = (product: Record<string, unknown>) => {
      const origin = String(product['repository']);
      execFileSync('git', ['-C', origin, 'push', '--quiet', '--mirror', gitlab.repositoryPath]);
      product['repository'] = { url: gitlab.gitUrl, token: 'push', read_token: 'fetch' };
      product['gitlab'] = { project: gitlab.project, api_url: gitlab.apiUrl, token: 'host' };
      product['changelog'] = { pull_request_details: true };
    };
    world = await startGreeterWorld(move, {
      push: { value: gitlab.token, roles: ['release'] },
      host: { value: gitlab.token, roles: ['release'] },
      fetch: { value: gitlab.readOnlyToken, roles: ['writer', 'qa', 'devops', 'support'] },
    });
    const tip = git('rev-parse', 'refs/heads/main');
    request = gitlab.addMergeRequest({ title: 'the last change', author: 'ola', commits: [tip] });
    gitlab.state.statuses.push({
      ...{ id: 1, sha: tip, name: 'test', ref: 'main', allow_failure: false, status: 'success' },
    });
  });

  afterAll(async () => {
    await world?.stop();
    await gitlab?.stop();
  });

  const git = (...args: string[]) =>
    execFileSync('git', ['-C', gitlab.repositoryPath, ...args], { encoding: 'utf8' }).trim();

  it('looks at pipelines, tags over http, publishes the release with its package, and tells the merge request', async () => {
    await world.start();
    const record = await world.approveEverything();
    expect(record.outcome).toBe('released');
    const version = record.plan?.version ?? '';
    const readiness = record.steps.find(({ id }) => id === 'readiness.check');
    expect(readiness?.detail).toMatch(/checks of [0-9a-f]{12}: success/);
    expect(record.steps.some(({ id }) => id === 'readiness.host')).toBe(false);

    expect(git('rev-parse', `refs/tags/v${version}^{}`)).toBe(record.commit);
    const [release, ...more] = gitlab.state.releases;
    expect(more).toEqual([]);
    expect(release).toMatchObject({
      tag_name: `v${version}`,
      name: `Greeter ${version}`,
      author: 'releaser',
    });
    const [anchor] = /sha256:[0-9a-f]{64}/.exec(release?.description ?? '') ?? [];
    expect(git('cat-file', 'tag', `v${version}`)).toContain(`Audit: ${anchor}`);
    // GitLab's own forms, though nothing in the address says that it is one.
    const linked =
      /greet in German and French \(\[!2\]\(http:\/\/127\.0\.0\.1:\d+\/team\/apps\/greeter\/-\/merge_requests\/2\)\)/;
    expect(release?.description).toMatch(linked);
    expect(git('show', `v${version}:CHANGELOG.md`)).toMatch(linked);
    expect(release?.links.map(({ name }) => name).sort()).toEqual([
      `${record.product}-${version}.intoto.jsonl`,
      `windlass-example-greeter-${version}.tgz`,
    ]);
    const link = record.links.find(({ name }) => name === 'release notes');
    expect(link?.url).toContain(`/team/apps/greeter/-/releases/v${version}`);

    expect(gitlab.state.notes.map((note) => [note.request, note.author])).toEqual([[request, 'releaser']]);
    expect(gitlab.state.notes[0]?.body).toContain(`This is out in [v${version}](${link?.url}).`);
    expect(gitlab.violations).toEqual([]);
  });
});
