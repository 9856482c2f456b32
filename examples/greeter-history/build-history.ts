/** Builds the git repository of `examples/greeter`, a library without environments. */
import { fileURLToPath } from 'node:url';
import { buildHistory, type RepositoryPlace } from '../shop-history/build-history.ts';
import { STEPS } from './steps.ts';

const GREETER = fileURLToPath(new URL('../greeter/', import.meta.url));

/**
 * Builds the repository: six commits, tag `v1.0.0`, and a minor release that waits.
 *
 * @returns the SHA of the last commit on `main`
 * @throws Error when a folder is not empty, or when a step of the history no longer fits the sources
 */
export function buildGreeterHistory(place: RepositoryPlace): string {
  return buildHistory(GREETER, STEPS, place);
}
