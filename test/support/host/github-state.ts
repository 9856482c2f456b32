import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { type MergeRules, makeMergeRules } from './merging/github-merging.ts';

const run = promisify(execFile);

/** What the fake keeps beside `emulate`, which has no statuses, no linked pull requests and no asset digests. */
export interface GitHubState {
  releases: FakeRelease[];
  /** The release that is marked "Latest". */
  latest?: number;
  statuses: { id: number; sha: string; context: string; state: string; at: string }[];
  checkRuns: { id: number; sha: string; name: string; status: string; conclusion: string | null }[];
  pulls: Map<number, MergedPull>;
  merging: MergeRules;
  nextId: number;
}

export interface FakeRelease {
  id: number;
  tag_name: string;
  target_commitish: string;
  name: string | null;
  body: string | null;
  draft: boolean;
  prerelease: boolean;
  author: string;
  created_at: string;
  published_at: string | null;
  assets: {
    id: number;
    name: string;
    content_type: string;
    content: Buffer;
    uploader: string;
    created_at: string;
  }[];
}

export interface MergedPull {
  mergedAt: string | null;
  mergeSha: string;
  commits: string[];
  labels: string[];
  /** The branches of one that was opened over the API. */
  from?: string;
  into?: string;
  closed?: boolean;
}

/** The parts of a request that a route needs. */
export interface FakeRequest {
  method: string;
  /** Behind `/repos/OWNER/REPO`. */
  path: string;
  query: URLSearchParams;
  body: Buffer;
  login: string;
  origin: string;
  fullName: string;
  repositoryPath: string;
  contentType: string;
}

export interface FakeAnswer {
  status: number;
  /** JSON, or undefined for no body. */
  json?: unknown;
  /** The whole of a list, of which the page is cut. */
  list?: unknown[];
  /** Makes a list's page an object, as for check runs. */
  wrap?: (page: unknown[], total: number) => unknown;
  /** The `link` header, where the page was cut already. */
  link?: string;
}

export function makeGitHubState(): GitHubState {
  return {
    ...{ releases: [], statuses: [], checkRuns: [], pulls: new Map(), nextId: 1000 },
    merging: makeMergeRules(),
  };
}

/** A user in the shape of GitHub's `simple-user`. */
export function formatUser(origin: string, login: string): object {
  const id = Number.parseInt(createHash('sha256').update(login).digest('hex').slice(0, 6), 16);
  const url = `${origin}/users/${login}`;
  const rest = [
    'followers',
    'following',
    'gists',
    'starred',
    'subscriptions',
    'organizations',
    'repos',
    'events',
    'received_events',
  ];
  return {
    login,
    id,
    node_id: `U_${id}`,
    avatar_url: `${url}/avatar`,
    gravatar_id: '',
    url,
    html_url: `${origin}/${login}`,
    ...Object.fromEntries(rest.map((name) => [`${name}_url`, `${url}/${name}`])),
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
    site_admin: false,
  };
}

/** The routes for check runs, statuses and releases; undefined for what `emulate` answers. */
export async function answerOwnRoute(
  state: GitHubState,
  request: FakeRequest,
): Promise<FakeAnswer | undefined> {
  const at = (pattern: RegExp): string[] | undefined =>
    pattern.exec(`${request.method} ${request.path}`)?.slice(1);
  const runsOf = at(/^GET \/commits\/([^/]+)\/check-runs$/);
  if (runsOf) return listCheckRuns(state, request, runsOf[0] ?? '');
  const statusesOf = at(/^GET \/commits\/([^/]+)\/statuses$/);
  if (statusesOf) return listStatuses(state, request, statusesOf[0] ?? '');
  if (at(/^GET \/releases$/)) {
    const newestFirst = [...state.releases].reverse();
    return { status: 200, list: newestFirst.map((release) => formatRelease(request, release)) };
  }
  if (at(/^POST \/releases$/)) return await createRelease(state, request);
  const tag = at(/^GET \/releases\/tags\/(.+)$/)?.[0];
  if (tag !== undefined) {
    const release = state.releases.find((one) => one.tag_name === tag && !one.draft);
    return release ? { status: 200, json: formatRelease(request, release) } : NOT_FOUND;
  }
  const assetId = at(/^DELETE \/releases\/assets\/(\d+)$/)?.[0];
  if (assetId !== undefined) {
    for (const release of state.releases) {
      release.assets = release.assets.filter(({ id }) => id !== Number(assetId));
    }
    return { status: 204 };
  }
  const one = at(/^\w+ \/releases\/(\d+)(\/assets)?$/);
  return one ? await answerRelease(state, request, one) : undefined;
}

const NOT_FOUND: FakeAnswer = {
  status: 404,
  json: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest' },
};

async function answerRelease(
  state: GitHubState,
  request: FakeRequest,
  match: string[],
): Promise<FakeAnswer | undefined> {
  const release = state.releases.find(({ id }) => id === Number(match[0]));
  if (!release) return NOT_FOUND;
  if (match[1]) {
    if (request.method === 'GET') {
      return { status: 200, list: release.assets.map((asset) => formatAsset(request, release, asset)) };
    }
    return uploadAsset(state, request, release);
  }
  if (request.method === 'DELETE') {
    state.releases.splice(state.releases.indexOf(release), 1);
    return { status: 204 };
  }
  if (request.method === 'PATCH') {
    const wasDraft = release.draft;
    const { make_latest: makeLatest, ...changes } = JSON.parse(request.body.toString('utf8'));
    if (isTooLong(changes.body)) return invalid('Release', 'custom', 'body');
    Object.assign(release, changes);
    // Where nothing is said, GitHub takes what is published last.
    if (!release.draft && makeLatest !== 'false') state.latest = release.id;
    if (wasDraft && !release.draft) await publish(request, release);
  }
  return { status: 200, json: formatRelease(request, release) };
}

async function createRelease(state: GitHubState, request: FakeRequest): Promise<FakeAnswer> {
  const body = JSON.parse(request.body.toString('utf8'));
  const draft = body.draft === true;
  if (isTooLong(body.body)) return invalid('Release', 'custom', 'body');
  if (!draft && state.releases.some((one) => one.tag_name === body.tag_name && !one.draft)) {
    return invalid('Release', 'already_exists', 'tag_name');
  }
  const release: FakeRelease = {
    id: state.nextId++,
    tag_name: body.tag_name,
    target_commitish: body.target_commitish ?? 'main',
    name: body.name ?? null,
    body: body.body ?? null,
    draft,
    prerelease: body.prerelease === true,
    author: request.login,
    created_at: new Date().toISOString(),
    published_at: null,
    assets: [],
  };
  state.releases.push(release);
  if (!draft) await publish(request, release);
  return { status: 201, json: formatRelease(request, release) };
}

/** As GitHub does: a tag that is not there yet is created, lightweight, at the release's commit. */
async function publish(request: FakeRequest, release: FakeRelease): Promise<void> {
  release.published_at = new Date().toISOString();
  const git = (...args: string[]) => run('git', ['-C', request.repositoryPath, ...args]);
  const ref = `refs/tags/${release.tag_name}`;
  const exists = await git('rev-parse', '--verify', '--quiet', ref).catch(() => undefined);
  if (!exists) await git('update-ref', ref, release.target_commitish).catch(() => undefined);
}

/** "body is too long (maximum is 125000 characters)". */
function isTooLong(body: unknown): boolean {
  return typeof body === 'string' && body.length > 125_000;
}

function uploadAsset(state: GitHubState, request: FakeRequest, release: FakeRelease): FakeAnswer {
  const name = request.query.get('name') ?? '';
  if (release.assets.some((asset) => asset.name === name))
    return invalid('ReleaseAsset', 'already_exists', 'name');
  const asset = {
    id: state.nextId++,
    name,
    content_type: request.contentType,
    content: request.body,
    uploader: request.login,
    created_at: new Date().toISOString(),
  };
  release.assets.push(asset);
  return { status: 201, json: formatAsset(request, release, asset) };
}

function invalid(resource: string, code: string, field: string): FakeAnswer {
  return { status: 422, json: { message: 'Validation Failed', errors: [{ resource, code, field }] } };
}

function formatRelease(request: FakeRequest, release: FakeRelease): object {
  const url = `${request.origin}/repos/${request.fullName}/releases/${release.id}`;
  const { author, assets, ...plain } = release;
  return {
    ...plain,
    url,
    html_url: `${request.origin}/${request.fullName}/releases/tag/${release.draft ? `untagged-${release.id}` : release.tag_name}`,
    assets_url: `${url}/assets`,
    upload_url: `${url}/assets{?name,label}`,
    tarball_url: null,
    zipball_url: null,
    node_id: `RE_${release.id}`,
    author: formatUser(request.origin, author),
    assets: assets.map((asset) => formatAsset(request, release, asset)),
  };
}

function formatAsset(
  request: FakeRequest,
  release: FakeRelease,
  asset: FakeRelease['assets'][number],
): object {
  return {
    url: `${request.origin}/repos/${request.fullName}/releases/assets/${asset.id}`,
    browser_download_url: `${request.origin}/${request.fullName}/releases/download/${release.tag_name}/${asset.name}`,
    id: asset.id,
    node_id: `RA_${asset.id}`,
    name: asset.name,
    label: null,
    state: 'uploaded',
    content_type: asset.content_type,
    size: asset.content.length,
    digest: `sha256:${createHash('sha256').update(asset.content).digest('hex')}`,
    download_count: 0,
    created_at: asset.created_at,
    updated_at: asset.created_at,
    uploader: formatUser(request.origin, asset.uploader),
  };
}

function listCheckRuns(state: GitHubState, request: FakeRequest, sha: string): FakeAnswer {
  const latest = new Map(state.checkRuns.filter((run) => run.sha === sha).map((run) => [run.name, run]));
  return {
    status: 200,
    list: [...latest.values()].map(({ id, name, status, conclusion }) => ({
      id,
      name,
      node_id: `CR_${id}`,
      head_sha: sha,
      external_id: '',
      url: `${request.origin}/repos/${request.fullName}/check-runs/${id}`,
      html_url: `${request.origin}/${request.fullName}/runs/${id}`,
      details_url: null,
      status,
      conclusion,
      started_at: '2026-01-01T00:00:00Z',
      completed_at: status === 'completed' ? '2026-01-01T00:01:00Z' : null,
      output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: '' },
      check_suite: { id: 1 },
      app: null,
      pull_requests: [],
    })),
    wrap: (page, total) => ({ total_count: total, check_runs: page }),
  };
}

function listStatuses(state: GitHubState, request: FakeRequest, sha: string): FakeAnswer {
  const newestFirst = state.statuses.filter((status) => status.sha === sha).reverse();
  return {
    status: 200,
    list: newestFirst.map(({ id, context, state: word, at }) => ({
      url: `${request.origin}/repos/${request.fullName}/statuses/${sha}`,
      avatar_url: null,
      id,
      node_id: `S_${id}`,
      state: word,
      description: null,
      target_url: null,
      context,
      created_at: at,
      updated_at: at,
      creator: formatUser(request.origin, request.login),
    })),
  };
}
