import type { ReleaseActivities } from '../../contracts/activities.ts';
import { calendarOf } from '../../release/calendar/calendar-of.ts';
import { digestOf } from '../../release/digest.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct } from '../deps.ts';

/** The calendar of an environment as configured now, by its digest: looking often must cost little. */
export function lookAtCalendar(deps: ActivityDeps): ReleaseActivities['lookAtCalendar'] {
  return async ({ product, environment }) => {
    const found = findProduct(deps, product).environments.find(({ name }) => name === environment);
    return { digest: digestOf(calendarOf(found)) };
  };
}
