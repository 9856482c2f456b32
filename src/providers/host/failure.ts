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

/** What is read, or undefined where the host answers that there is no such thing here (404). */
export async function orNothing<T>(read: Promise<T>): Promise<T | undefined> {
  return await orUndefined(read, ({ status }) => status === 404);
}

/** What is read, or undefined where the host does not tell it to this token (403, which is no rate limit). */
export async function unlessForbidden<T>(read: Promise<T>): Promise<T | undefined> {
  return await orUndefined(read, ({ status, retryable }) => status === 403 && !retryable);
}

async function orUndefined<T>(
  read: Promise<T>,
  isAnswer: (failure: HostFailure) => boolean,
): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof HostFailure && isAnswer(error)) return undefined;
    throw error;
  }
}
