import type { ProductSettings } from './settings.ts';

/** The key of releases that began before there was more than one host; their records keep it to their end. */
const FORMER_KEY = 'github';

/** Whether the product has a host, by what was frozen into the record when the release began. */
export function hasHost(settings: ProductSettings): boolean {
  return settings.host !== undefined || Object.hasOwn(settings, FORMER_KEY);
}
