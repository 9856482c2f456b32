import { describeRefusal } from '../describe-refusal.ts';
import type { RegistryProblem } from '../registry.ts';
import { OciFailure } from './failure.ts';
import { listTags } from './list-tags.ts';
import type { OciRepository } from './registry.ts';

/**
 * Whether the login may pull and push: an upload is begun and called off, as `crane` and its library do; no byte is
 * sent. (A registry that calls none off forgets it by itself.)
 * @throws OciFailure where it does not answer
 */
export async function preflightOci(repository: OciRepository): Promise<RegistryProblem[]> {
  try {
    await listTags(repository);
    const doing = `begin a push to ${repository.name}`;
    const begun = await repository.ask({ doing, method: 'POST', path: 'blobs/uploads/', expect: [202] });
    const place = begun.headers.get('location');
    if (place) await callOff(repository, place);
    return [];
  } catch (error) {
    if (!(error instanceof OciFailure) || error.retryable) throw error;
    return [describeRefusal(error)];
  }
}

/** Best effort: what is left over is the registry's to clear away. */
async function callOff(repository: OciRepository, place: string): Promise<void> {
  const doing = 'call the push off';
  await repository
    .ask({ doing, method: 'DELETE', path: place, expect: [200, 202, 204, 404, 405] })
    .catch(() => undefined);
}
