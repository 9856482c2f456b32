import { type ActivityDeps, findProduct } from '../deps.ts';
import { fail } from '../fail.ts';
import type { Change } from './change.ts';
import { ACTIVITY_CHANGES, type ActivityName } from './describe-changes.ts';
import { refuseByConfiguration } from './refuse-by-configuration.ts';
import { requireApprovals } from './require-approvals.ts';

type Activity = (input: never) => Promise<unknown>;

/**
 * The one way to a role's activities: whatever changes something is asked for first, in {@link allow}, before any of its
 * code sees the input. Anybody who reaches the namespace can call an activity with whatever he likes.
 */
export function guardActivities<T extends object>(deps: ActivityDeps, activities: T): T {
  const guarded = Object.entries(activities).map(([name, run]: [string, Activity]) => {
    const describe = ACTIVITY_CHANGES[name as ActivityName];
    if (describe === 'looks') return [name, run];
    const asked = async (input: never) => {
      await allow(deps, readChange(name, describe, input));
      return await run(input);
    };
    return [name, asked];
  });
  return Object.fromEntries(guarded) as T;
}

/**
 * The one policy point: says no to a change that this worker's own configuration does not allow, whatever its input
 * claims.
 * @throws `NotAuthorized`, with nothing changed
 */
export async function allow(deps: ActivityDeps, change: Change): Promise<void> {
  const product = findProduct(deps, change.product);
  const refused = refuseByConfiguration(product, change);
  if (refused === undefined) return requireApprovals(deps, product, change);
  throw fail('NotAuthorized', {
    what: `not authorized (${change.change.replaceAll('_', ' ')} of ${change.product || 'no product'}): ${refused}`,
    changed: 'nothing',
    next: 'if this is a release of yours, replan it; else find out who schedules work on the queues of this namespace',
  });
}

function readChange(name: string, describe: (input: never) => Change, input: never): Change {
  try {
    return describe(input);
  } catch {
    throw fail('NotAuthorized', {
      what: `not authorized: the input of ${name} does not say what is to be changed`,
      changed: 'nothing',
      next: 'find out who schedules work on the queues of this namespace',
    });
  }
}
