import { answerRepository } from './gitea-routes.ts';
import { type FakeIssue, formatUser, type GiteaState, makeGiteaState } from './gitea-state.ts';
import type { FakeAnswer } from './github-state.ts';
import type { Fault } from './host-answers.ts';
import { type ApiRequest, startHostServer, userOf } from './host-server.ts';
import { describeRepository } from './rights/gitea-rights.ts';

/** A stateful Gitea with one repository, on one origin for API and git. */
export interface GiteaFake {
  /** As `gitea.api_url`. */
  apiUrl: string;
  gitUrl: string;
  owner: string;
  repo: string;
  token: string;
  readOnlyToken: string;
  repositoryPath: string;
  state: GiteaState;
  /** `METHOD /path?query` of every API request so far. */
  requests: string[];
  /** What Gitea does not document of the requests so far. */
  violations: string[];
  /** Answers its number, which issues and pull requests share. */
  addIssue(issue: Partial<FakeIssue> & { title: string }): number;
  fail(fault: Fault): void;
  stop(): Promise<void>;
}

const PREFIX = '/api/v1';

/** Starts one, on a free port. `pageSize` is the most that its administrator lets a page have. */
export async function startGitea(options: { repo?: string; pageSize?: number } = {}): Promise<GiteaFake> {
  const { repo = 'shop', pageSize = 50 } = options;
  const owner = 'team';
  const project = `${owner}/${repo}`;
  const state = makeGiteaState();
  const violations: string[] = [];

  async function answer({
    method,
    url,
    headers,
    body,
    origin,
    repositoryPath,
  }: ApiRequest): Promise<FakeAnswer> {
    const login = userOf(String(headers.authorization ?? '').replace(/^token /, ''));
    if (login === undefined) return { status: 401, json: { message: 'token is required' } };
    const attachment = /^\/attachments\/([\w-]+)$/.exec(url.pathname)?.[1];
    if (attachment !== undefined) {
      const found = state.releases.flatMap(({ assets }) => assets).find(({ uuid }) => uuid === attachment);
      return found ? { status: 200, json: found.content } : { status: 404, json: { message: 'Not found' } };
    }
    if (login === 'reader' && method !== 'GET') {
      const message = 'token does not have at least one of required scope(s): [write:repository]';
      return { status: 403, json: { message } };
    }
    const place = { origin, project };
    if (url.pathname === `${PREFIX}/user`) return { status: 200, json: formatUser(place, login) };
    const below = `${PREFIX}/repos/${project}`;
    if (url.pathname === below) {
      return { status: 200, json: describeRepository({ state, project, login }) };
    }
    // The owner is a user here, who has no labels of an organisation.
    if (!url.pathname.startsWith(`${below}/`)) return { status: 404, json: { message: 'Not found' } };
    const line = `${method} ${decodeURIComponent(url.pathname.slice(below.length))}`;
    const given = await answerRepository(line, {
      ...place,
      ...{ login, query: url.searchParams, body, repositoryPath, state },
      contentType: String(headers['content-type'] ?? ''),
    });
    violations.push(...given.violations);
    return given.answer;
  }

  function cut({ status, json, list, wrap }: FakeAnswer, url: URL) {
    if (!list) return { status, json, headers: {} };
    const size = Math.min(pageSize, Number(url.searchParams.get('limit') ?? 30));
    const start = (Number(url.searchParams.get('page') ?? 1) - 1) * size;
    const items = list.slice(start, start + size);
    const shown = wrap ? wrap(items, list.length) : items;
    return { status, json: shown, headers: { 'x-total-count': String(list.length) } };
  }

  const server = await startHostServer('Gitea', project, answer, cut);
  return {
    apiUrl: `${server.origin}${PREFIX}`,
    gitUrl: `${server.origin}/${project}.git`,
    owner,
    repo,
    token: server.token,
    readOnlyToken: server.readOnlyToken,
    repositoryPath: server.repositoryPath,
    state,
    requests: server.requests,
    violations,
    addIssue: (issue) => {
      const number = state.issues.length + 1;
      const created_at = new Date().toISOString();
      for (const name of issue.labels ?? []) {
        if (!state.labels.some((label) => label.name === name))
          state.labels.push({ id: state.nextId++, name });
      }
      const about = { number, body: '', labels: [], author: 'alice', state: 'open', created_at } as const;
      state.issues.push({ ...about, ...issue } as FakeIssue);
      return number;
    },
    fail: server.fail,
    stop: server.stop,
  };
}
