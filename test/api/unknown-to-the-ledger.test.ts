import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/release/digest.ts';
import type { LedgerEntry } from '../../src/release/ledger/entry.ts';
import type { LedgerFact } from '../../src/release/ledger/facts.ts';
import { listSubjects } from '../../src/release/ledger/list-subjects.ts';
import { factsOf } from '../../src/release/ledger/questions.ts';
import { type SubjectParts, subjectOf } from '../../src/release/subject.ts';
import { recordAfter, UNTIL_GO_LIVE } from '../release/views/sample-record.ts';
import { startTestApp, type TestApp } from './support/test-app.ts';

const releaseId = 'shop-20261120-0a1b2c';
const url = '/v1/releases/shop/approvals/go_live';
const started: LedgerFact = { fact: 'started', releaseId, kind: 'release', by: 'rita', via: 'api' };

/** Somebody else's workflow under a release's id asks people for whatever it likes. */
describe('approving what the ledger does not know', () => {
  let world: TestApp;
  let facts: LedgerFact[];

  beforeEach(async () => {
    facts = [];
    world = await startTestApp();
    world.deps.ledger = {
      read: async () => facts.map((fact) => ({ fact }) as LedgerEntry),
      append: async (_, fact) => void facts.push(fact),
    };
    world.gateway.put(recordAfter(UNTIL_GO_LIVE));
  });

  afterEach(() => world.close());

  test.each<[string, LedgerFact[], RegExp]>([
    ['a release that nobody started', [], /knows no release shop-20261120-0a1b2c that is in flight/],
    ['one that has ended', [started, { fact: 'ended', releaseId, outcome: 'aborted' }], /that is in flight/],
    ['bytes that were not built', [started], /was not made by this installation/],
  ])('signs nothing for %s, and says where to look', async (_, known, expected) => {
    facts.push(...known);
    const answer = await world.ask('ada', 'POST', url, { decision: 'approve' });
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({
      type: 'urn:windlass:problem:not-in-ledger',
      detail: expect.stringMatching(expected),
    });
    expect(world.gateway.signals).toEqual([]);
  });

  test('a rejection needs no ledger: it is the safe direction', async () => {
    const answer = await world.ask('ada', 'POST', url, { decision: 'reject', comment: 'what is this?' });
    expect(answer.statusCode).toBe(202);
  });

  test('who starts a release is written down before it begins; what could not begin is over', async () => {
    const first = await world.ask('rita', 'POST', '/v1/releases', { product: 'library' });
    const id = first.json().releaseId;
    expect(facts).toMatchObject([
      { fact: 'started', releaseId: id, kind: 'release', by: 'rita', via: 'api' },
      { fact: 'begun', releaseId: id, runId: 'run-1' },
    ]);
    await world.ask('rita', 'POST', '/v1/releases', { product: 'library' });
    expect(facts.slice(2)).toMatchObject([
      { fact: 'started', by: 'rita' },
      { fact: 'ended', outcome: 'not_started' },
    ]);
  });

  test('what is asked for again under its key, when nothing is in the way any more, has begun all the same', async () => {
    const first = await world.ask('rita', 'POST', '/v1/releases', { product: 'library' });
    const again = () =>
      world.ask('lee', 'POST', '/v1/releases', { product: 'library' }, { 'idempotency-key': 'from-ci' });
    expect((await again()).statusCode).toBe(409);
    expect((await again()).statusCode).toBe(409);
    const over = {
      product: 'library',
      releaseId: first.json().releaseId,
      endedAt: '2026-11-20T11:00:00.000Z',
    };
    world.gateway.put({ ...recordAfter(UNTIL_GO_LIVE), ...over });
    const id = (await again()).json().releaseId;
    const { started: begun, ended } = factsOf(
      facts.map((fact) => ({ fact }) as LedgerEntry),
      id,
    );
    expect(begun).toMatchObject({ by: 'lee' });
    expect(ended).toBeUndefined();
  });
});

test('what people decide on follows from what was planned, committed and built', () => {
  const parts: SubjectParts = {
    ...{ product: 'shop', version: '1.3.0', type: 'minor', planHash: 'sha256:plan', commit: 'c1' },
    ...{ artifact: 'sha256:a', image: 'sha256:i', files: ['sha256:f', 'sha256:g'] },
  };
  const plan = { version: '1.3.0', type: 'minor', planHash: 'sha256:plan', binds: 'b' } as const;
  const facts: LedgerFact[] = [
    started,
    { fact: 'planned', releaseId, ...plan, tag: 'v1.3.0', branch: 'r', base: 'c0', notes: 'n', authors: [] },
    { fact: 'committed', releaseId, binds: 'b', planHash: 'sha256:plan', commit: 'c1', version: '1.3.0' },
    {
      ...{
        fact: 'built',
        releaseId,
        commit: 'c1',
        version: '1.3.0',
        artifact: 'sha256:a',
        image: 'sha256:i',
      },
      files: ['sha256:i', 'sha256:g', 'sha256:a', 'sha256:f'],
    },
  ];
  const entries = facts.map((fact) => ({ fact }) as LedgerEntry);
  expect(listSubjects('shop', factsOf(entries, releaseId))).toEqual([
    digestOf({ review: 'sha256:plan' }),
    subjectOf(parts),
  ]);
});
