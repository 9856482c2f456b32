import type { FailureFacts } from '../../../integrations/failure.ts';
import { cleanText, describeHostFailure, type HostAttempt, readLostLine } from '../describe-failure.ts';
import { HostFailure } from '../failure.ts';
import { RefusingAnswer, readLimit } from '../fetch-answer.ts';

/** What went wrong at a Gitea. */
export class GiteaFailure extends HostFailure {
  override readonly name = 'GiteaFailure';

  constructor(facts: FailureFacts) {
    super(facts, 'Gitea');
  }
}

/** Turns whatever the transport threw into a `GiteaFailure` that says which side has to act. */
export function describeGiteaFailure(error: unknown, attempt: HostAttempt): GiteaFailure {
  if (error instanceof GiteaFailure) return error;
  const host = { title: 'Gitea', section: 'gitea' };
  if (!(error instanceof RefusingAnswer)) {
    return new GiteaFailure(describeHostFailure(host, attempt, readLostLine(error)));
  }
  const { status, headers, message } = error;
  const limitedForMs = readLimit(status, headers);
  const advice = adviceFor(status, headers);
  return new GiteaFailure(
    describeHostFailure(host, attempt, { status, said: message, limitedForMs, advice }),
  );
}

/** What only Gitea's people can do; else the advice is every host's. */
function adviceFor(status: number, headers: Headers): string | undefined {
  if (status >= 300 && status < 400) {
    const location = cleanText(headers.get('location') ?? '', '');
    return `It moved${location ? ` to ${location}` : ''}: correct \`gitea.owner\`, \`gitea.repo\` and \`gitea.api_url\`.`;
  }
  if (status === 403)
    return 'The token has no right to do this: it needs the scopes `write:repository` and `write:issue`, and its user write access to the repository.';
  if (status === 413)
    return 'The file is larger than this Gitea takes (`[attachment] MAX_SIZE` of its app.ini).';
  if (status === 423) return 'The repository is archived: unarchive it before releasing from it.';
  return undefined;
}
