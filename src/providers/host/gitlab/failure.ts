import type { FailureFacts } from '../../../integrations/failure.ts';
import { cleanText, describeHostFailure, type HostAttempt, readLostLine } from '../describe-failure.ts';
import { HostFailure } from '../failure.ts';
import { RefusingAnswer, readLimit } from '../fetch-answer.ts';

/** What went wrong at GitLab. */
export class GitLabFailure extends HostFailure {
  override readonly name = 'GitLabFailure';

  constructor(facts: FailureFacts) {
    super(facts, 'GitLab');
  }
}

/** Turns whatever the transport threw into a `GitLabFailure` that says which side has to act. */
export function describeGitLabFailure(error: unknown, attempt: HostAttempt): GitLabFailure {
  if (error instanceof GitLabFailure) return error;
  const host = { title: 'GitLab', section: 'gitlab' };
  if (!(error instanceof RefusingAnswer)) {
    return new GitLabFailure(describeHostFailure(host, attempt, readLostLine(error)));
  }
  const { status, headers, message } = error;
  const limitedForMs = readLimit(status, headers);
  const advice = adviceFor(status, headers);
  return new GitLabFailure(
    describeHostFailure(host, attempt, { status, said: message, limitedForMs, advice }),
  );
}

/** What only GitLab's people can do; else the advice is every host's. */
function adviceFor(status: number, headers: Headers): string | undefined {
  if (status >= 300 && status < 400) {
    const location = cleanText(headers.get('location') ?? '', '');
    return `It moved${location ? ` to ${location}` : ''}: correct \`gitlab.project\` and \`gitlab.api_url\`.`;
  }
  if (status !== 403) return undefined;
  return 'The token has no right to do this: it needs the scope `api` and at least the role Developer (Maintainer for protected tags).';
}
