import type { FailureFacts } from '../../integrations/failure.ts';
import type { NewPage } from './host.ts';

/** A release page that is there and not ours; `key` is the marker that it carries. */
export function describeForeignPage({ releaseId }: NewPage, url: string, key: string | null | undefined) {
  return {
    is: 'foreign' as const,
    ours: `a page of ${releaseId}`,
    theirs: `${url}, made by ${key ?? 'hand'}`,
    next: 'delete that release if it should be ours (its tag stays) and retry; or skip the page',
  };
}

/** Our draft is gone: retryable, since the next try makes a new one. */
export function describeLostDraft({ tag }: NewPage): FailureFacts {
  return {
    happened: `The draft of the release page ${tag} is gone.`,
    outcome: 'unchanged',
    retryable: true,
    advice: 'It is tried again, from a new draft.',
  };
}
