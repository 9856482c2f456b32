import { type FailureFacts, OutsideFailure } from '../../integrations/failure.ts';

/**
 * What went wrong at a host, in words for a person: what happened, what was changed, what to do now. No token ever
 * appears in it.
 */
export class HostFailure extends OutsideFailure {
  override readonly name: string = 'HostFailure';

  /** `title` is the host's name for people. */
  constructor(facts: FailureFacts, title = 'the host') {
    super(facts, { unchanged: 'Nothing was changed.', unknown: `Whether ${title} did it is unknown.` });
  }
}
