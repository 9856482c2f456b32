import { fail } from '../../../src/activities/fail.ts';
import type { Effect } from '../../../src/contracts/activities.ts';
import type { ModelWorld } from './model-world.ts';

/** The next call of an activity that was told to go wrong does. */
export async function faulty<T>(world: ModelWorld, name: string, deed: () => Promise<T> | T): Promise<T> {
  const kind = world.faults.get(name);
  world.faults.delete(name);
  if (kind === 'fails')
    throw fail('ScriptFailed', { what: `${name} failed`, changed: 'nothing', next: 'retry' });
  if (kind === 'dies_before') throw new Error(`the worker died before ${name}`);
  const value = await deed();
  if (kind === 'dies_after') throw new Error(`the worker died after ${name}`);
  return value;
}

/** The effect under its key, with the receipt that its workflow notes. */
export function effect<T>(world: ModelWorld, key: string, deed: () => T): Effect<T> {
  const { value, outcome } = world.once(key, deed);
  return { value, receipts: [{ key, outcome, target: key, proof: 'seen' }] };
}
