import { createRequesterFn, type FormattedResponse } from '@gitbeaker/requester-utils';
import {
  Branches,
  Commits,
  Issues,
  MergeRequestNotes,
  MergeRequests,
  Packages,
  PersonalAccessTokens,
  Pipelines,
  ProjectMilestones,
  ProjectReleases,
  Projects,
  ProtectedBranches,
  ProtectedTags,
  Users,
} from '@gitbeaker/rest';
import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import { fetchAnswer, type HostTransport } from '../fetch-answer.ts';
import { describeGitLabFailure, GitLabFailure } from './failure.ts';

/** How to reach one project. */
export interface GitLabOptions {
  /** `https://gitlab.com/api/v4`, or that of a server of one's own. */
  apiUrl: string;
  token: string;
  /** `group/subgroup/name`. */
  project: string;
  signal?: AbortSignal | undefined;
  /** Limit of one attempt of one request; 30 s if left out. */
  timeoutMs?: number | undefined;
  /** What one second of waiting between attempts lasts, in milliseconds; for tests. */
  secondMs?: number | undefined;
}

/** An open connection: no state, no socket of its own. */
export interface GitLabConnection extends HostTransport {
  api: ReturnType<typeof openResources>;
  project: string;
  apiUrl: string;
  token: string;
}

/**
 * Prepares a connection; nothing is sent yet.
 * @throws GitLabFailure for an address that cannot be one
 */
export function openGitLab(options: GitLabOptions): GitLabConnection {
  const url = URL.canParse(options.apiUrl) ? new URL(options.apiUrl) : undefined;
  const base = /^(https?:\/\/[^?#@]+)\/api\/v4\/?$/.exec(url?.href ?? '')?.[1];
  if (base === undefined) {
    throw new GitLabFailure({
      happened: 'The configuration of GitLab is not the address of its API.',
      outcome: 'unchanged',
      retryable: false,
      advice: 'Correct `gitlab.api_url`: it ends with /api/v4, as in https://gitlab.com/api/v4.',
    });
  }
  const timeoutMs = options.timeoutMs ?? LIMITS_MS.request;
  const { token, project, signal } = options;
  const secondMs = options.secondMs ?? 1000;
  return {
    api: openResources({ host: base, token, timeoutMs, secondMs, signal }),
    project,
    apiUrl: `${base}/api/v4`,
    token,
    signal,
    timeoutMs,
    secondMs,
  };
}

type Transport = HostTransport & { host: string; token: string };

/**
 * The library's resources over a transport of our own: its own one repeats every request after a 502, which would do
 * a POST twice, and follows redirections with the token.
 */
function openResources(transport: Transport) {
  const { host, token } = transport;
  const requesterFn = createRequesterFn(
    async (_service, request) => request,
    async (endpoint, options) => await send(transport, endpoint, options as unknown as SentOptions),
  );
  const options = { host, token, requesterFn, queryTimeout: null };
  return {
    branches: new Branches(options),
    commits: new Commits(options),
    issues: new Issues(options),
    mergeRequestNotes: new MergeRequestNotes(options),
    mergeRequests: new MergeRequests(options),
    milestones: new ProjectMilestones(options),
    packages: new Packages(options),
    personalAccessTokens: new PersonalAccessTokens(options),
    pipelines: new Pipelines(options),
    projects: new Projects(options),
    protectedBranches: new ProtectedBranches(options),
    protectedTags: new ProtectedTags(options),
    releases: new ProjectReleases(options),
    users: new Users(options),
  };
}

interface SentOptions {
  method: string;
  headers: Record<string, string>;
  prefixUrl: string;
  searchParams?: string;
  body?: string;
}

/** One request of the library. */
async function send(
  transport: Transport,
  endpoint: string,
  options: SentOptions,
): Promise<FormattedResponse> {
  const { prefixUrl, searchParams, method, headers, body } = options;
  const url = new URL(endpoint, prefixUrl.endsWith('/') ? prefixUrl : `${prefixUrl}/`);
  url.search = searchParams ?? '';
  const init: RequestInit = { method, headers, ...(body === undefined ? {} : { body }) };
  const answer = await fetchAnswer(transport, url, init);
  return {
    body: answer.body as FormattedResponse['body'],
    headers: Object.fromEntries(answer.headers),
    status: answer.status,
  };
}

/**
 * One read, or several pages of one.
 * @throws GitLabFailure
 */
export async function readGitLab<T>(
  connection: GitLabConnection,
  doing: string,
  read: (api: GitLabConnection['api'], project: string) => Promise<T>,
): Promise<T> {
  return await attemptGitLab(connection, { doing, writes: false }, read);
}

/**
 * One write, attempted once: repeating a POST whose answer got lost could do it twice, so that is decided by who
 * can read what is there.
 * @throws GitLabFailure
 */
export async function writeGitLab<T>(
  connection: GitLabConnection,
  doing: string,
  write: (api: GitLabConnection['api'], project: string) => Promise<T>,
): Promise<T> {
  return await attemptGitLab(connection, { doing, writes: true }, write);
}

/**
 * Puts a file below the project's API, as it is. (The library would wrap it as a form, which the generic packages keep
 * as a part of the file.)
 * @throws GitLabFailure
 */
export async function putFile(
  connection: GitLabConnection,
  doing: string,
  path: string,
  bytes: Buffer,
): Promise<void> {
  await attemptGitLab(connection, { doing, writes: true }, async () => {
    const url = new URL(`${connection.apiUrl}/projects/${encodeURIComponent(connection.project)}/${path}`);
    const headers = { 'private-token': connection.token, 'content-type': 'application/octet-stream' };
    const init: RequestInit = { method: 'PUT', headers, body: new Uint8Array(bytes) };
    await fetchAnswer(connection, url, init);
  });
}

async function attemptGitLab<T>(
  connection: GitLabConnection,
  attempt: { doing: string; writes: boolean },
  work: (api: GitLabConnection['api'], project: string) => Promise<T>,
): Promise<T> {
  try {
    connection.signal?.throwIfAborted();
    return await work(connection.api, connection.project);
  } catch (error) {
    const { project, token } = connection;
    throw describeGitLabFailure(error, { ...attempt, where: project, token });
  }
}
