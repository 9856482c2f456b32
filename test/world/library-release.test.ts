import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/workers/open-store.ts';
import { commitToMain, type GreeterWorld, startGreeterWorld } from '../support/fixture/greeter-world.ts';

describe('a release of a library without environments', () => {
  let world: GreeterWorld;

  beforeAll(async () => {
    world = await startGreeterWorld();
  });

  afterAll(async () => {
    await world?.stop();
  });

  it('is reviewed, tested, approved, published, verified and finalized, and says what does not apply', async () => {
    await world.start();
    const record = await world.approveEverything();
    expect(record.outcome).toBe('released');
    const version = record.plan?.version;
    const origin = (ref: string) =>
      execFileSync('git', ['ls-remote', world.origin, ref], { encoding: 'utf8' }).split('\t')[0];
    expect(origin(`refs/tags/v${version}^{}`)).toBe(record.commit);
    const packument = (await (await fetch(`${world.npm.url}@windlass-example/greeter`)).json()) as {
      'dist-tags': Record<string, string>;
    };
    expect(packument['dist-tags']).toEqual({ latest: version });
    const [log] = record.steps.find(({ id }) => id === 'gates.tests')?.logs ?? [];
    expect((await (await openStore(world.installation)).read(log!)).toString()).toMatch(/pass|ok|tests/i);
    const unused = record.steps.filter((step) => step.status === 'not_configured').map((step) => step.id);
    expect(unused).toEqual(expect.arrayContaining(['staging.deployment', 'production.deployment']));
  });

  it('tells everybody whom a major release concerns, and leaves drafts for what people must write', async () => {
    const before = (await world.record()).plan?.version ?? '';
    commitToMain(world, [
      'feat!: greet by object instead of by name (#21)',
      'BREAKING CHANGE: pass { name } where you passed a name.',
    ]);
    commitToMain(world, ['feat: greet <b>whole</b> @teams (#22)']);
    await world.start();
    const record = await world.approveEverything();
    expect(record.outcome).toBe('released');
    const version = `${Number(before.split('.')[0]) + 1}.0.0`;
    expect(record.plan?.version).toBe(version);

    // The channel of the customers is a file here.
    const [mail] = readFileSync(join(world.root, 'notices', 'customers.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    const { title, text } = JSON.parse(mail ?? '') as { title: string; text: string };
    expect(title).toBe(`Greeter ${version} is available`);
    expect(text).toContain('greet by object instead of by name');

    const issues = join(world.root, 'store', 'named', 'issues', world.product);
    const drafts = readdirSync(issues).map((file) => readFileSync(join(issues, file), 'utf8'));
    const blog = drafts.find((draft) => draft.startsWith(`# Blog post: Greeter ${version}`));
    expect(blog).toContain('## What is new');
    expect(blog).toContain('pass { name } where you passed a name');
    expect(blog).not.toMatch(/(?<!\\)<b>|[^`]@teams/);
    const documentation = drafts.find((draft) => draft.startsWith('# Update the documentation'));
    expect(documentation).toContain('- [ ] greet by object instead of by name');
    expect(drafts).toHaveLength(2);
    expect(record.links.map((link) => link.name)).toEqual(expect.arrayContaining(['blog', 'documentation']));
  });

  it('says so where nobody is configured to be told', async () => {
    commitToMain(world, ['feat: greet in the morning (#23)']);
    await world.start();
    const record = await world.approveEverything();
    expect(record.plan?.type).toBe('minor');
    expect(record.steps.find((step) => step.id === 'announce.team')).toMatchObject({
      status: 'not_configured',
      detail: 'no channel "team" is configured',
    });
  });
});
