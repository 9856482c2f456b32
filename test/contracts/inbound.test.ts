import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommand } from '../../src/contracts/inbound/read-command.ts';
import {
  readLeaseGrant,
  readLeaseRelease,
  readLeaseRequest,
} from '../../src/contracts/inbound/read-lease.ts';
import { readClose, readOwner, readPreempt, readReason } from '../../src/contracts/inbound/read-notes.ts';
import { readReport } from '../../src/contracts/inbound/read-report.ts';
import { readSteer } from '../../src/contracts/inbound/read-steer.ts';
import { COMMAND_NAMES } from '../../src/release/commands/command-table.ts';
import { openRecord, type ReleaseRecord } from '../../src/release/record/record.ts';
import { applyEvent, refuseReport } from '../../src/release/record/transitions.ts';
import { renderChecklist } from '../../src/release/views/checklist.ts';
import { countBytes } from '../../src/release/views/markdown.ts';
import { viewSearchAttributes } from '../../src/release/views/search-attributes.ts';
import { renderStatus } from '../../src/release/views/status-text.ts';
import {
  hostilePayload,
  REPORTED,
  reportOf,
  requestOf,
  STEER,
  undoOf,
} from '../support/fixture/hostile-payloads.ts';

const AT = '2026-11-21T10:00:00.000Z';
const SHOP = { product: 'shop', environment: 'production' };
const MANY = { numRuns: 3_000 };

function open(): ReleaseRecord {
  return openRecord(
    'release',
    { releaseId: 'shop-1', product: 'shop', bump: 'auto', requestedBy: 'cleo', requestedAt: AT, via: 'api' },
    'Shop',
    AT,
  );
}

describe('what comes from outside', () => {
  it.each(REPORTED)('a whole report of $event is taken as it is', (event) => {
    expect(readReport(reportOf(event))).toEqual(reportOf(event));
  });

  it('a whole steer, request, grant and signature are taken as they are', () => {
    expect(readSteer(STEER)).toEqual(STEER);
    expect(readLeaseRequest(requestOf('shop', 'production'), SHOP)).toEqual(requestOf('shop', 'production'));
    expect(readLeaseGrant({ environment: 'production', generation: 3 })).toEqual({
      environment: 'production',
      generation: 3,
    });
    expect(readCommand('hold', STEER.signed)).toEqual({ form: 'signed', name: 'hold', signed: STEER.signed });
  });

  it.each([
    ['a holder of another product', { holder: 'deployment/mall/production/mall-1/1' }],
    ['a holder that is no deployment', { holder: 'release/shop' }],
    ['a holder without a name', { holder: '' }],
    ['a priority of the prototype', { priority: 'toString' }],
    ['a rollback of another environment', { onLoss: undoOf('shop', 'staging') }],
    ['a rollback of another product', { onLoss: undoOf('mall', 'production') }],
    ['a rollback that is a word', { onLoss: 'yes' }],
    ['a rollback without an environment', { onLoss: { ...undoOf('shop', 'production'), environment: 7 } }],
  ])('a request with %s is none', (_what, change) => {
    expect(readLeaseRequest({ ...requestOf('shop', 'production'), ...change }, SHOP)).toBeUndefined();
  });

  it('is read without an exception, whatever it is', () => {
    const samples = [...REPORTED.map((event) => reportOf(event)), STEER, requestOf('shop', 'production')];
    fc.assert(
      fc.property(hostilePayload(samples), fc.constantFrom(...COMMAND_NAMES), (payload, name) => {
        expect(readCommand(name, payload).form).toMatch(/signed|plain|malformed/);
        expect(typeof readPreempt(payload)).toBe('string');
        expect(typeof readReason(payload)).toBe('string');
        for (const read of [readReport, readSteer, readLeaseGrant, readLeaseRelease, readOwner, readClose])
          read(payload);
        readLeaseRequest(payload, SHOP);
      }),
      MANY,
    );
  });

  it('leaves a record that every view can show and that stays small, however many reports come', () => {
    const reports = hostilePayload(REPORTED.map((event) => reportOf(event)));
    fc.assert(
      fc.property(fc.array(reports, { minLength: 1, maxLength: 40 }), (payloads) => {
        let record = open();
        for (const payload of payloads) {
          const report = readReport(payload);
          if (report && !refuseReport(record, report.event)) record = applyEvent(record, report.event);
        }
        expect(countBytes(renderChecklist(record))).toBeLessThan(20_000);
        renderStatus(record, { colour: false, now: AT });
        for (const values of Object.values(viewSearchAttributes(record))) {
          for (const value of values) expect(countBytes(value)).toBeLessThanOrEqual(255);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('cannot make the record grow without bound by steps, receipts and incidents of ever new names', () => {
    let record = open();
    let refused = 0;
    for (let n = 0; n < 2_000; n++) {
      for (const event of [
        { at: AT, event: 'step_started', id: `x.${n}`, title: 't'.repeat(300) },
        {
          at: AT,
          event: 'receipt',
          receipt: { key: `k${n}`, outcome: 'done', target: 't', proof: 'p'.repeat(900) },
        },
        { at: AT, event: 'environment', environment: { name: `e${n}`, url: 'u'.repeat(400) } },
      ]) {
        const report = readReport({ from: 'x', seq: n + 1, event });
        if (!report) throw new Error(`${event.event} is whole`);
        if (refuseReport(record, report.event)) refused += 1;
        else record = applyEvent(record, report.event);
      }
    }
    expect(refused).toBeGreaterThan(1_000);
    expect(JSON.stringify(record).length).toBeLessThan(256 * 1_024);
    // What the release itself does still finds room.
    record = applyEvent(record, { at: AT, event: 'held', by: 'cleo', reason: 'lunch' });
    expect(record.held?.by).toBe('cleo');
  });
});
