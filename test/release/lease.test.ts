import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LeasePriority, LeaseRequest, LeaseState } from '../../src/release/lease.ts';
import {
  askForLease,
  giveBackLease,
  grantNext,
  isRoomFor,
  leastGeneration,
  openLease,
} from '../../src/release/lease.ts';

const at = (second: number) => new Date(1_780_000_000_000 + second * 1_000).toISOString();
const ask = (holder: string, priority: LeasePriority, more: Partial<LeaseRequest> = {}): LeaseRequest => ({
  holder,
  runId: `run-of-${holder}`,
  priority,
  purpose: 'a test',
  ...more,
});

describe('the lease of an environment', () => {
  it('goes to rollbacks first, then hotfixes, then releases, each in the order of asking', () => {
    let state: LeaseState = openLease(7);
    const asked = [
      ask('release-1', 'release'),
      ask('hotfix-1', 'hotfix'),
      ask('release-2', 'release'),
      ask('rollback-1', 'rollback'),
      ask('hotfix-2', 'hotfix'),
    ];
    for (const [second, request] of asked.entries()) state = askForLease(state, request, at(second));
    const order: string[] = [];
    for (let next = grantNext(state, at(9)); next; next = grantNext(state, at(9))) {
      order.push(`${next.holder?.holder} ${next.generation}`);
      state = giveBackLease(next, next.holder?.holder ?? '');
    }
    expect(order).toEqual(['rollback-1 8', 'hotfix-1 9', 'hotfix-2 10', 'release-1 11', 'release-2 12']);
  });

  it('is taken over by nothing but what puts its holder right, with a new generation', () => {
    const held = grantNext(askForLease(openLease(0), ask('deployment', 'release'), at(0)), at(0));
    if (!held) throw new Error('nothing was granted');
    const other = askForLease(held, ask('rollback', 'rollback'), at(1));
    expect(grantNext(other, at(1))).toBeUndefined();
    const own = askForLease(held, ask('rollback', 'rollback', { takeOverFrom: 'deployment' }), at(1));
    expect(grantNext(own, at(1))).toMatchObject({ generation: 2, holder: { holder: 'rollback' } });
  });

  it('tells a holder’s own word from that of another run of its id, which has to wait for its turn', () => {
    const held = grantNext(askForLease(openLease(0), ask('rollback', 'rollback'), at(0)), at(0));
    if (!held) throw new Error('nothing was granted');
    const updated = askForLease(held, ask('rollback', 'rollback', { onLoss: 'undo it' }), at(1));
    expect(updated.holder).toMatchObject({ generation: 1, onLoss: 'undo it' });
    const again = ask('rollback', 'rollback', { runId: 'a later run', takeOverFrom: 'rollback' });
    const waiting = askForLease(held, again, at(2));
    expect(waiting.waiting).toHaveLength(1);
    expect(grantNext(waiting, at(3))).toMatchObject({ generation: 2, holder: { runId: 'a later run' } });
  });

  it('grants a higher generation than before even where it remembers nothing of before', () => {
    let remembered: LeaseState = openLease(0);
    for (let second = 0; second < 50; second++) {
      remembered = askForLease(remembered, ask('deployment', 'release'), at(100 * second));
      const next = grantNext(remembered, at(100 * second), leastGeneration(at(100 * second)));
      if (!next) throw new Error('nothing was granted');
      expect(next.generation).toBeGreaterThan(remembered.generation);
      remembered = giveBackLease(next, 'deployment');
    }
    // Two within a second.
    const soon = askForLease(remembered, ask('deployment', 'release'), at(4_900));
    expect(grantNext(soon, at(4_900), leastGeneration(at(4_900)))?.generation).toBe(
      remembered.generation + 1,
    );
    const anew = askForLease(openLease(0), ask('rollback', 'rollback'), at(5_000));
    const granted = grantNext(anew, at(5_000), leastGeneration(at(5_000)));
    expect(granted?.generation).toBeGreaterThan(remembered.generation);
  });

  it('never has two holders and never repeats a generation, whatever is asked in whatever order', () => {
    const holders = fc.constantFrom('a', 'b', 'c', 'd');
    const priorities = fc.constantFrom<LeasePriority>('rollback', 'hotfix', 'release');
    const acts = fc.array(fc.tuple(fc.constantFrom('ask', 'give', 'grant'), holders, priorities), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(acts, (list) => {
        let state: LeaseState = openLease(0);
        const granted: number[] = [];
        for (const [second, [act, holder, priority]] of list.entries()) {
          if (act === 'ask') state = askForLease(state, ask(holder, priority), at(second));
          else if (act === 'give') state = giveBackLease(state, holder);
          else {
            const next = grantNext(state, at(second));
            if (!next) continue;
            expect(state.holder).toBeUndefined();
            granted.push(next.generation);
            state = next;
          }
          expect(new Set(state.waiting.map((waiter) => waiter.holder)).size).toBe(state.waiting.length);
        }
        expect(granted).toEqual(granted.toSorted((x, y) => x - y));
        expect(new Set(granted).size).toBe(granted.length);
      }),
    );
  });

  it('keeps no more waiters than can be shown, and never loses one that it knows', () => {
    let state: LeaseState = openLease(0);
    for (let n = 0; n < 100; n++) state = askForLease(state, ask(`waiter-${n}`, 'release'), at(n));
    expect(isRoomFor(state, ask('one too many', 'rollback'))).toBe(false);
    expect(isRoomFor(state, ask('waiter-7', 'release'))).toBe(true);
  });
});
