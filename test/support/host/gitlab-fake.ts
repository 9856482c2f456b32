import { answerProject } from './gitlab-routes.ts';
import {
  type FakeIssue,
  type FakeMergeRequest,
  formatUser,
  type GitLabState,
  makeGitLabState,
} from './gitlab-state.ts';
import type { Fault } from './host-answers.ts';
import { type ApiRequest, startHostServer, userOf } from './host-server.ts';
import { describeProject, describeToken } from './rights/gitlab-rights.ts';

/** A stateful GitLab with one project, on one origin for API and git. */
export interface GitLabFake {
  /** As `gitlab.api_url`. */
  apiUrl: string;
  /** `http://127.0.0.1:PORT/GROUP/NAME.git`; the password is a token. */
  gitUrl: string;
  project: string;
  /** May write, as the user `releaser`. Others are `token-of-NAME`. */
  token: string;
  readOnlyToken: string;
  /** The bare repository behind it. */
  repositoryPath: string;
  state: GitLabState;
  /** `METHOD /path?query` of every API request so far. */
  requests: string[];
  /** What GitLab does not document of the requests so far. */
  violations: string[];
  /** Both answer the number. */
  addIssue(issue: Partial<FakeIssue> & { title: string }): number;
  addMergeRequest(request: Partial<FakeMergeRequest> & { title: string }): number;
  fail(fault: Fault): void;
  stop(): Promise<void>;
}

const PREFIX = '/api/v4';

/** Starts one, on a free port. */
export async function startGitLab(options: { project?: string } = {}): Promise<GitLabFake> {
  const project = options.project ?? 'team/apps/shop';
  const state = makeGitLabState();
  const violations: string[] = [];

  async function answer(request: ApiRequest) {
    const { method, url, headers, body, origin, repositoryPath } = request;
    const login = userOf(String(headers['private-token'] ?? ''));
    if (login === undefined) return { status: 401, json: { message: '401 Unauthorized' } };
    if (login === 'reader' && method !== 'GET') {
      return { status: 403, json: { error: 'insufficient_scope', message: '403 Forbidden' } };
    }
    const place = { origin, project };
    if (url.pathname === `${PREFIX}/user`) return { status: 200, json: formatUser(place, login) };
    if (url.pathname === `${PREFIX}/personal_access_tokens/self`) return describeToken(state, login);
    const below = `${PREFIX}/projects/${encodeURIComponent(project)}`;
    if (url.pathname === below) return { status: 200, json: describeProject({ state, project, login }) };
    if (!url.pathname.startsWith(`${below}/`)) {
      return { status: 404, json: { message: '404 Project Not Found' } };
    }
    const line = `${method} ${decodeURIComponent(url.pathname.slice(below.length))}`;
    const asked = { ...place, login, query: url.searchParams, body, repositoryPath, state };
    const given = await answerProject(line, asked);
    violations.push(...given.violations);
    return given.answer;
  }

  const server = await startHostServer('GitLab', project, answer);
  const about = { description: '', labels: [], author: 'alice', created_at: new Date(0).toISOString() };
  return {
    apiUrl: `${server.origin}${PREFIX}`,
    gitUrl: `${server.origin}/${project}.git`,
    project,
    token: server.token,
    readOnlyToken: server.readOnlyToken,
    repositoryPath: server.repositoryPath,
    state,
    requests: server.requests,
    violations,
    addIssue: (issue) => {
      const iid = state.issues.length + 1;
      state.issues.push({ ...about, created_at: new Date().toISOString(), iid, state: 'opened', ...issue });
      return iid;
    },
    addMergeRequest: (request) => {
      const iid = state.mergeRequests.length + 1;
      const merged_at = new Date(Date.UTC(2026, 0, 1, 0, iid)).toISOString();
      state.mergeRequests.push({ ...about, iid, state: 'merged', merged_at, commits: [], ...request });
      return iid;
    },
    fail: server.fail,
    stop: server.stop,
  };
}
