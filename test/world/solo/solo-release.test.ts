import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../../src/contracts/commands.ts';
import type { ReleaseRecord } from '../../../src/release/record/record.ts';
import { personWith } from '../../support/fixture/demo.ts';
import { commitToMain, type GreeterWorld, startGreeterWorld } from '../../support/fixture/greeter-world.ts';
import { startRollback } from '../../support/fixture/requests.ts';

/** One person writes it, asks for its releases and approves them. */
describe('a product that one person maintains', { timeout: 600_000 }, () => {
  let world: GreeterWorld;
  let person: string;

  beforeAll(async () => {
    world = await startGreeterWorld((product) => {
      product['approvals'] = 'solo';
    });
    const { people } = world.installation;
    const roles = [...new Set(people.flatMap((one) => one.roles))];
    for (const list of [people, world.fixture.people]) {
      list.splice(1);
      list[0]!.roles = roles;
    }
    person = people[0]!.name;
  });

  afterAll(async () => {
    await world?.stop();
  });

  const settings = () => world.installation.products[world.product]!;
  const tagged = (version: string) =>
    execFileSync('git', ['-C', world.origin, 'tag', '--list', `v${version}`], { encoding: 'utf8' }).trim();
  const published = async () => {
    const answer = await fetch(`${world.npm.url}@windlass-example/greeter`);
    return (await answer.json()) as { 'dist-tags': Record<string, string>; versions: object };
  };

  it('is refused in the first second where the configuration wants a second person, and says the way out', async () => {
    settings().approvals.solo = false;
    await world.start();
    const record = await world.until('the refusal', ({ waiting }) => waiting !== undefined);
    expect(record.blockers).toEqual([expect.stringContaining('nobody could approve go-live of this')]);
    expect(record.blockers[0]).toContain(`products.${world.product}.approvals: solo`);
    expect(record.steps.map(({ id, status }) => [id, status])).toEqual([['readiness.check', 'failed']]);
    expect(record.approvals).toEqual([]);
    expect(record.plan).toBeUndefined();
    await world.send('abort', personWith(world.fixture, 'operator'), { reason: 'it needs another policy' });
    expect((await world.ended()).remains).toEqual([]);
    settings().approvals.solo = true;
  });

  it('is released by that one in every role, by as many signed decisions as ever', async () => {
    await world.start();
    const record = await world.approveEverything();
    expect(record.outcome, record.ending).toBe('released');
    expect(record.request.requestedBy).toBe(person);
    const decisions = record.approvals.flatMap((gate) => gate.decisions);
    expect(decisions.map(({ role }) => role)).toEqual(expect.arrayContaining(['ceo', 'engineering_lead']));
    expect(new Set(decisions.map((decision) => decision.person))).toEqual(new Set([person]));
    const version = record.plan?.version ?? '';
    expect(tagged(version)).toBe(`v${version}`);
    expect((await published())['dist-tags']).toEqual({ latest: version });
  });

  it('goes back, and its next release takes the next free version, as the one before is used up', async () => {
    const bad = (await world.record()).plan?.version ?? '';
    commitToMain(world, ['fix: greet nobody twice']);
    await world.start();
    const second = await world.approveEverything();
    const taken = second.plan?.version ?? '';
    expect(second.outcome, second.ending).toBe('released');
    const back = await startRollback(world, { reason: 'it greets nobody at all' });
    await back.result();
    expect((await back.query<ReleaseRecord>(STATUS_QUERY)).outcome).toBe('rolled_back');
    expect((await published())['dist-tags']['latest']).toBe(bad);

    commitToMain(world, ['fix: greet everybody once']);
    await world.start();
    const third = await world.approveEverything();
    expect(third.outcome, third.ending).toBe('released');
    const version = third.plan?.version ?? '';
    expect(version).toBe(taken.replace(/\d+$/, (patch) => String(Number(patch) + 1)));
    expect((await published())['dist-tags']['latest']).toBe(version);
    expect(tagged(version)).toBe(`v${version}`);
    const { warnings = [], concerns = [] } = third.plan ?? {};
    expect([...warnings, ...concerns].join('\n')).toContain(taken);
  });
});
