import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { markUnverified } from '../../src/api/mark-unverified.ts';
import type { LedgerEntry } from '../../src/release/ledger/entry.ts';
import type { LedgerFact } from '../../src/release/ledger/facts.ts';
import { recordAfter, UNTIL_GO_LIVE } from '../release/views/sample-record.ts';
import { startTestApp, type TestApp } from './support/test-app.ts';

const releaseId = 'shop-20261120-0a1b2c';
const started: LedgerFact = { fact: 'started', releaseId, kind: 'release', by: 'rita', via: 'api' };
const ended: LedgerFact = { fact: 'ended', releaseId, outcome: 'aborted' };
const begunElsewhere: LedgerFact = { fact: 'begun', releaseId, runId: 'another-run' };

/** Anybody who reaches the Temporal namespace can run a workflow under a product's ids and have it show what he likes. */
describe('a run that the ledger does not know', () => {
  let world: TestApp;
  let facts: LedgerFact[];
  let broken: string | undefined;

  beforeEach(async () => {
    facts = [];
    broken = undefined;
    world = await startTestApp();
    const ledger = {
      read: async () => {
        if (broken !== undefined) throw new Error(broken);
        return facts.map((fact) => ({ fact, at: new Date().toISOString() }) as LedgerEntry);
      },
      append: async (_: string, fact: LedgerFact) => void facts.push(fact),
    };
    world.gateway.put(recordAfter(UNTIL_GO_LIVE));
    const gateway = {
      ...world.gateway,
      readCurrent: async (...asked: Parameters<typeof world.gateway.readCurrent>) => {
        const current = await world.gateway.readCurrent(...asked);
        return current && { ...current, firstRunId: 'this-run' };
      },
    };
    Object.assign(world.deps, { ledger, gateway: markUnverified(gateway, ledger) });
  });

  afterEach(() => world.close());

  const show = async () => (await world.ask('ada', 'GET', '/v1/releases/shop')).json();
  const offers = (view: { actions: { command: string }[] }) =>
    view.actions.map(({ command }) => command).includes('approve');

  test.each<[string, LedgerFact[], RegExp]>([
    ['that nobody started', [], /^Nobody started shop-20261120-0a1b2c through this API/],
    ['whose release has ended', [started, ended], /has ended: aborted\.$/],
    ['in the place of the one that was started', [started, begunElsewhere], /started as another run/],
  ])('%s is shown as not verified, and nobody is asked to approve it', async (_, known, expected) => {
    facts.push(...known);
    const view = await show();
    expect(view.unverified).toMatch(expected);
    expect(offers(view)).toBe(false);
    const page = await world.ask('ada', 'GET', '/releases/shop');
    expect(page.body).toContain('Not verified');
    expect(page.body).toContain('approve nothing of it');
    expect((await world.ask('ada', 'GET', '/v1/approvals')).json().approvals).toEqual([]);
    const decided = await world.ask('ada', 'POST', '/v1/releases/shop/approvals/go_live', {
      decision: 'approve',
    });
    expect(decided.json()).toMatchObject({ type: 'urn:windlass:problem:not-in-ledger' });
    // It can be ended all the same.
    const stop = await world.ask('otto', 'POST', '/v1/releases/shop/abort', {
      comment: 'whose is it?',
    });
    expect(stop.statusCode).toBe(202);
  });

  test('one that was started here is shown as ever', async () => {
    facts.push(started, { fact: 'begun', releaseId, runId: 'this-run' });
    const view = await show();
    expect(view.unverified).toBeUndefined();
    expect(offers(view)).toBe(true);
  });

  test('where the ledger cannot be read, that is said, and a release can be ended', async () => {
    broken = 'The ledger of shop does not hold at entry 3';
    const view = await show();
    expect(view.unverified).toContain(broken);
    expect(offers(view)).toBe(false);
    const stop = await world.ask('otto', 'POST', '/v1/releases/shop/abort', { comment: 'stop it' });
    expect(stop.statusCode).toBe(202);
  });
});
