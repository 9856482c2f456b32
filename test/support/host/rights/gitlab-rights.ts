import type { PersonalAccessTokenSchema, ProjectSchema } from '@gitbeaker/rest';
import type { FakeAnswer } from '../github-state.ts';
import type { Asked } from '../gitlab-routes.ts';
import type { GitLabState } from '../gitlab-state.ts';
import type { HostRoute } from '../host-server.ts';

const REPORTER = 20;

/** `GET /projects/:id`, as far as it tells what the one who asks may do. */
export function describeProject(at: { state: GitLabState; project: string; login: string }): object {
  const { role, project: over } = at.state.rights;
  const own = at.login === 'reader' ? REPORTER : role;
  const access = own === null ? null : { access_level: own, notification_level: 3 };
  const json: Partial<Omit<ProjectSchema, 'permissions'>> = {
    ...{ id: 1, path_with_namespace: at.project, archived: false },
    ...{ merge_method: 'merge', squash_option: 'default_off' },
    ...over,
  };
  return { ...json, permissions: { project_access: access, group_access: null } };
}

/** `GET /personal_access_tokens/self`. */
export function describeToken(state: GitLabState, login: string): FakeAnswer {
  const { token } = state.rights;
  if (token === null) return { status: 401, json: { message: '401 Unauthorized' } };
  const scopes = login === 'reader' ? ['read_api', 'read_repository'] : token.scopes;
  const json: Partial<PersonalAccessTokenSchema> = {
    ...{ id: 4, name: 'release', revoked: false, active: true, user_id: 2 },
    ...token,
    ...(scopes === undefined ? {} : { scopes }),
  };
  return { status: 200, json };
}

const FORBIDDEN: FakeAnswer = { status: 403, json: { message: '403 Forbidden' } };

/** The routes by which a project tells its protected refs. */
export const RIGHTS_ROUTES: HostRoute<Asked>[] = [
  {
    on: /^GET \/protected_branches$/,
    query: ['page', 'per_page', 'search'],
    answer: ({ state: { rights } }) =>
      rights.seesProtection ? { status: 200, list: rights.protectedBranches } : FORBIDDEN,
  },
  {
    on: /^GET \/protected_tags$/,
    query: ['page', 'per_page'],
    answer: ({ state: { rights } }) =>
      rights.seesProtection ? { status: 200, list: rights.protectedTags } : FORBIDDEN,
  },
];
