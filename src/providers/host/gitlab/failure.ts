import type { FailureFacts } from '../../../integrations/failure.ts';
import type { HostAttempt } from '../describe-failure.ts';
import { HostFailure } from '../failure.ts';
import { adviseMoved, describeThrown } from '../fetch-answer.ts';

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
  return new GitLabFailure(describeThrown(error, { title: 'GitLab', section: 'gitlab' }, attempt, adviceFor));
}

/** What only GitLab's people can do; else the advice is every host's. */
function adviceFor(status: number, headers: Headers): string | undefined {
  if (status >= 300 && status < 400) return adviseMoved(headers, '`gitlab.project` and `gitlab.api_url`');
  if (status !== 403) return undefined;
  return 'The token has no right to do this: it needs the scope `api` and at least the role Developer (Maintainer for protected tags).';
}
