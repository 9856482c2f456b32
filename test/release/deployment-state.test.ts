import { describe, expect, it } from 'vitest';
import type { DeploymentEvent, DeploymentState } from '../../src/release/record/deployment-state.ts';
import { changeDeployment, openDeploymentState } from '../../src/release/record/deployment-state.ts';

const stateAfter = (...events: DeploymentEvent[]): DeploymentState =>
  events.reduce(changeDeployment, openDeploymentState());
const who = { by: 'ben', reason: 'seen' };

describe('the state of a deployment', () => {
  it('knows what was asked until it is answered, each on its own', () => {
    const state = stateAfter(
      { event: 'asked', what: 'hold', ...who },
      { event: 'asked', what: 'rollback', ...who },
      { event: 'answered', what: 'hold' },
    );
    expect(state.asked).toEqual({ rollback: who });
    expect(stateAfter({ event: 'answered', what: 'dismiss' }).asked).toEqual({});
  });

  it('takes migrations for applied until they are known to have been none', () => {
    expect(stateAfter({ event: 'migration_began' }).migrations).toBe(1);
    expect(stateAfter({ event: 'migration_began' }, { event: 'nothing_to_migrate' }).migrations).toBe(0);
    const second = stateAfter(
      { event: 'migration_began' },
      { event: 'migration_began' },
      { event: 'nothing_to_migrate' },
    );
    expect(second.migrations).toBe(1);
  });

  it('adds what a window is to become longer until it was told', () => {
    const longer = stateAfter({ event: 'extended', ms: 1_000 }, { event: 'extended', ms: 500 });
    expect(longer.extendMs).toBe(1_500);
    expect(changeDeployment(longer, { event: 'extension_told' }).extendMs).toBe(0);
  });

  it('puts back what the environment said that it ran, with its slot', () => {
    expect(stateAfter({ event: 'looked_around', version: '1.2.0', previousSlot: 'blue' })).toMatchObject({
      found: { version: '1.2.0', slot: 'blue' },
      previousSlot: 'blue',
    });
    // Found by a deployment that was reset: only the slot is told.
    expect(stateAfter({ event: 'looked_around', previousSlot: 'green' }).found).toBeUndefined();
  });
});
