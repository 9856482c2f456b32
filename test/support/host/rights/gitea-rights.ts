import type { Repository } from 'gitea-js';
import type { Asked } from '../gitea-routes.ts';
import type { GiteaState } from '../gitea-state.ts';
import type { FakeAnswer } from '../github-state.ts';
import type { HostRoute } from '../host-server.ts';

/** `GET /repos/OWNER/REPO`, as far as it tells what the one who asks may do. */
export function describeRepository(at: { state: GiteaState; project: string; login: string }): Repository {
  const { repository, isAdmin } = at.state.rights;
  const writes = at.login !== 'reader';
  return {
    ...{ id: 1, full_name: at.project, archived: false, mirror: false },
    ...{ has_releases: true, has_pull_requests: true, allow_merge_commits: true },
    permissions: { admin: writes && isAdmin, push: writes, pull: true },
    ...repository,
  };
}

const FORBIDDEN: FakeAnswer = {
  status: 403,
  json: { message: 'user should be an owner or a collaborator with admin write of a repository' },
};

/** The routes by which a repository tells its rules; for administrators alone. */
export const RIGHTS_ROUTES: HostRoute<Asked>[] = [
  {
    on: /^GET \/branch_protections$/,
    answer: ({ login, state: { rights } }) =>
      rights.isAdmin && login !== 'reader' ? { status: 200, json: rights.branchRules } : FORBIDDEN,
  },
  {
    on: /^GET \/tag_protections$/,
    answer: ({ login, state: { rights } }) =>
      rights.isAdmin && login !== 'reader' ? { status: 200, json: rights.tagRules } : FORBIDDEN,
  },
];
