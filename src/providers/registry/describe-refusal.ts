import type { OutsideFailure } from '../../integrations/failure.ts';
import type { RegistryProblem } from './registry.ts';

/** What a registry refused when it was tried, as a problem that stands against a release. */
export function describeRefusal({ happened, advice }: OutsideFailure): RegistryProblem {
  return { found: happened.replace(/\.$/, ''), advice: advice.replace(/\.$/, '') };
}
