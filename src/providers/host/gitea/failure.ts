import type { FailureFacts } from '../../../integrations/failure.ts';
import type { HostAttempt } from '../describe-failure.ts';
import { HostFailure } from '../failure.ts';
import { adviseMoved, describeThrown } from '../fetch-answer.ts';

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
  return new GiteaFailure(describeThrown(error, { title: 'Gitea', section: 'gitea' }, attempt, adviceFor));
}

/** What only Gitea's people can do; else the advice is every host's. */
function adviceFor(status: number, headers: Headers): string | undefined {
  if (status >= 300 && status < 400)
    return adviseMoved(headers, '`gitea.owner`, `gitea.repo` and `gitea.api_url`');
  if (status === 403)
    return 'The token has no right to do this: it needs the scopes `write:repository` and `write:issue`, and its user write access to the repository.';
  if (status === 413)
    return 'The file is larger than this Gitea takes (`[attachment] MAX_SIZE` of its app.ini).';
  if (status === 423) return 'The repository is archived: unarchive it before releasing from it.';
  return undefined;
}
