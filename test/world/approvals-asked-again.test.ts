import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openGate, type ReleaseRecord } from '../../src/release/record/record.ts';
import type { ProductSettings } from '../../src/release/settings.ts';
import { type RealApi, startRealApi } from '../api/support/real-api.ts';
import { personWith } from '../support/fixture/demo.ts';
import { commitToMain } from '../support/fixture/greeter-world.ts';

const approve = { decision: 'approve' };

/** What happens to a decision between its giving and its use: through the API, on a real server. */
describe('an approval that does not count any more where its step is repeated', () => {
  let real: RealApi;
  let mend: () => void = () => undefined;

  beforeAll(async () => {
    real = await startRealApi();
  });

  afterEach(() => mend());

  afterAll(async () => {
    await real?.stop();
  });

  const goLive = () => real.path('/approvals/go_live');
  const product = (): ProductSettings => real.world.installation.products[real.world.product]!;
  const askForRelease = async () => {
    commitToMain(real.world, ['feat: one more']);
    await real.ask('release_manager', 'POST', '/v1/releases', { product: real.world.product });
    await real.world.until('the review', (now) => openGate(now, 'changelog_review') !== undefined);
    await real.ask('release_manager', 'POST', real.path('/approvals/changelog_review'), approve);
    await real.world.until('go-live', (now) => openGate(now, 'go_live') !== undefined);
  };
  const askedAgain = (now: ReleaseRecord) =>
    openGate(now, 'go_live') !== undefined && now.steps.some(({ id }) => id === 'publish.npm');

  it('of texts is for those that were shown: an edit asks again; a late answer is refused', async () => {
    const { world } = real;
    commitToMain(real.world, ['feat: one more']);
    await real.ask('release_manager', 'POST', '/v1/releases', { product: world.product });
    const isReview = (now: ReleaseRecord) => openGate(now, 'changelog_review') !== undefined;
    const { subject } = openGate(await world.until('the review', isReview), 'changelog_review')!;
    expect(
      (await real.ask('release_manager', 'POST', real.path('/notes'), { notes: '# Other' })).status,
    ).toBe(202);
    await world.until('the edit', (now) => openGate(now, 'changelog_review')?.subject !== subject);
    const review = real.path('/approvals/changelog_review');
    const stale = await real.ask('release_manager', 'POST', review, { ...approve, subject });
    expect([stale.status, stale.body.type]).toEqual([409, 'urn:windlass:problem:plan-changed']);

    const operator = personWith(world.fixture, 'operator');
    await world.send('hold', operator);
    const { held } = await world.until('the hold', (now) => now.held !== undefined);
    await world.send('resume', operator, { answers: 'hold of some other day' });
    const refused = await world.until('the refusal', (now) => now.refusals.length > 0);
    expect(refused.held).toEqual(held);
    expect(refused.refusals[0]).toMatchObject({ what: 'resume', by: operator.name });
    await world.send('abort', operator, { reason: 'the test is over' });
    await world.ended();
  });

  it('is asked for again when it has expired by the retry of its step', async () => {
    const { world } = real;
    await askForRelease();
    const token = world.installation.secrets['npm_token']!;
    const { source } = token;
    token.source = { file: `${world.root}/nowhere` };
    mend = () => {
      token.source = source;
    };
    const validUntil = new Date(Date.now() + 15_000).toISOString();
    for (const role of ['ceo', 'engineering_lead'] as const)
      await world.approve('go_live', role, { validUntil });
    await world.until('the failure', (now) => now.waiting?.actions.includes('retry') === true);
    await world.until('its time to be over', () => Date.now() > Date.parse(validUntil));
    mend();
    expect((await real.ask('operator', 'POST', real.path('/retry'), {})).status).toBe(202);
    const again = await world.until('the question', askedAgain);
    expect(again.waiting?.for).toEqual(['ceo', 'engineering_lead']);
    expect(again.phase).toBe('go_live');
    for (const role of ['ceo', 'engineering_lead'] as const) {
      expect((await real.ask(role, 'POST', goLive(), approve)).status).toBe(202);
    }
    expect((await world.ended()).outcome).toBe('released');
  });

  it('is asked for again of whoever has the role now, when its giver lost it', async () => {
    const { world } = real;
    await askForRelease();
    const lead = personWith(world.fixture, 'engineering_lead').name;
    const person = world.installation.people.find(({ name }) => name === lead)!;
    const { roles } = person;
    mend = () => {
      person.roles = roles;
    };
    await real.ask('release_manager', 'POST', real.path('/hold'), {});
    await real.ask('engineering_lead', 'POST', goLive(), approve);
    await real.ask('ceo', 'POST', goLive(), approve);
    await world.until('both', (now) =>
      now.approvals.some((g) => g.key === 'go_live' && g.status === 'approved'),
    );
    person.roles = ['viewer'];
    await real.ask('operator', 'POST', real.path('/resume'), {});
    const again = await world.until('the question', askedAgain);
    // The CEO's approval still counts.
    expect(again.waiting).toMatchObject({
      for: ['engineering_lead'],
      reason: expect.stringContaining(`${lead} does not have the role engineering_lead any more`),
      actions: ['approve', 'reject', 'retry'],
    });
    const eve = real.hire({ name: 'eve', roles: ['engineering_lead'] });
    expect((await real.ask(eve, 'POST', goLive(), approve)).status).toBe(202);
    const record = await world.ended();
    expect(record.outcome).toBe('released');
    expect(record.voided.map((d) => d.person)).toContain(lead);
  });

  it('is asked for by what policy requires now; a retry tries it as it stands', async () => {
    const { world } = real;
    const { policy } = product();
    const strict = (required: ProductSettings['policy']['minor']['goLiveApprovals']) => {
      product().policy = { ...policy, minor: { ...policy.minor, goLiveApprovals: required } };
    };
    strict(['ceo']);
    mend = () => {
      product().policy = policy;
    };
    await askForRelease();
    strict(['ceo', 'product_manager', 'product_manager']);
    await real.ask('ceo', 'POST', goLive(), approve);
    const again = await world.until('the question', askedAgain);
    // A role that stands twice takes two people.
    expect(again.waiting?.for).toEqual(['product_manager', 'product_manager']);
    const one = real.hire({ name: 'pia', roles: ['product_manager'] });
    const two = real.hire({ name: 'pat', roles: ['product_manager'] });
    expect((await real.ask(one, 'POST', goLive(), approve)).status).toBe(202);
    await world.until('one of two', (now) => openGate(now, 'go_live')?.decisions.length === 2);
    expect((await real.ask(one, 'POST', goLive(), approve)).status).toBe(409);

    strict(['ceo']);
    expect((await real.ask('operator', 'POST', real.path('/retry'), {})).status).toBe(202);
    expect((await world.ended()).outcome).toBe('released');
    expect((await real.ask(two, 'POST', goLive(), approve)).status).toBe(409);
  });

  it('is asked for by a rule for what the release changes, with its reason, and two of a role are two people', async () => {
    const { world } = real;
    const { approvals } = product();
    const when = { types: ['minor' as const], paths: ['**'] };
    const rules = [{ name: 'everything', when, require: ['reviewers', 'reviewers'] }];
    product().approvals = { ...approvals, rules };
    mend = () => {
      product().approvals = approvals;
    };
    const one = real.hire({ name: 'rae', roles: ['reviewers'] });
    const two = real.hire({ name: 'rob', roles: ['reviewers'] });
    await askForRelease();
    const asked = openGate(await world.record(), 'go_live');
    expect(asked?.asks).toEqual(['The rule "everything" asks for 2 of reviewers: it changes **']);
    for (const role of ['ceo', 'engineering_lead'] as const) {
      expect((await real.ask(role, 'POST', goLive(), approve)).status).toBe(202);
    }
    expect((await real.ask(one, 'POST', goLive(), approve)).status).toBe(202);
    await world.until('three', (now) => openGate(now, 'go_live')?.decisions.length === 3);
    expect((await real.ask(one, 'POST', goLive(), approve)).status).toBe(409);
    const { body } = await real.ask(two, 'GET', '/v1/approvals');
    expect(body).toMatchObject({ approvals: [{ wants: '1 more of reviewers', missing: ['reviewers'] }] });
    expect((await real.ask(two, 'POST', goLive(), approve)).status).toBe(202);
    expect((await world.ended()).outcome).toBe('released');
  });
});
