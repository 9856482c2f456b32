import { describe, expect, it } from 'vitest';
import type { RollbackEvent, RollbackState } from '../../src/workflows/rollback/rollback-state.ts';
import { changeRollback, openRollbackState } from '../../src/workflows/rollback/rollback-state.ts';

const stateAfter = (...events: RollbackEvent[]): RollbackState =>
  events.reduce(changeRollback, openRollbackState({ slot: 'blue' }));

describe('the state of a rollback', () => {
  it('keeps what failed until a later part is done', () => {
    const failed = stateAfter(
      { event: 'part_done', title: 'Deploy 1.2.0 again' },
      { event: 'failed', problem: 'no answer' },
    );
    expect(failed).toMatchObject({
      done: ['Deploy 1.2.0 again'],
      failed: 'no answer',
      waitsForRetry: true,
      helped: true,
    });
    const said = [{ event: 'retry_asked' }, { event: 'waited' }] as const;
    const retried = said.reduce(changeRollback, failed);
    expect(retried).toMatchObject({ failed: 'no answer', waitsForRetry: false, retries: 1 });
    const done = changeRollback(retried, { event: 'part_done', title: 'Verify' });
    expect(done.failed).toBeUndefined();
    expect(done.done).toEqual(['Deploy 1.2.0 again', 'Verify']);
  });

  it('knows where it really went', () => {
    expect(stateAfter({ event: 'part_done', title: 'back' }).slot).toBe('blue');
    expect(stateAfter({ event: 'part_done', title: 'back', slot: 'green' }).slot).toBe('green');
  });

  it('looks for bytes once, and only where none were given', () => {
    expect(openRollbackState({ image: 'team/shop@sha256:1' }).looked).toBe(true);
    expect(stateAfter().looked).toBe(false);
    expect(stateAfter({ event: 'looked_for_bytes' })).toMatchObject({ looked: true, bytes: {} });
    const found = stateAfter({ event: 'looked_for_bytes', image: 'team/shop@sha256:1' });
    expect(found.bytes).toEqual({ image: 'team/shop@sha256:1' });
  });

  it('is no help where the version before is not well either, and given up where somebody says so', () => {
    expect(stateAfter({ event: 'did_not_help', title: 'Watch', why: 'still slow' })).toMatchObject({
      helped: false,
      done: ['Watch: still slow'],
    });
    expect(stateAfter({ event: 'given_up', reason: 'mended by hand' }).givenUp).toBe('mended by hand');
  });
});
