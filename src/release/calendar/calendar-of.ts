import type { EnvironmentSettings } from '../settings.ts';
import type { DeployCalendar } from './deploy-windows.ts';

/** What the configuration says of when an environment may change; nothing of one that it does not have. */
export function calendarOf(environment: EnvironmentSettings | undefined): DeployCalendar {
  return { freezes: environment?.freezes ?? [], windows: environment?.windows ?? [] };
}
