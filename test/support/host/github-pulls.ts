import type { FakeAnswer, FakeRequest, GitHubState } from './github-state.ts';
import { tipOf } from './merging/git-merges.ts';
import { judge, mergePull, refuseOpening } from './merging/github-merging.ts';

/** A pull request to put into the fake's world; merged unless it says otherwise. */
export interface NewPull {
  title: string;
  /** A login. */
  author: string;
  /** The commits that GitHub links to it. */
  commits?: string[];
  mergeSha?: string;
  merged?: boolean;
  labels?: string[];
}

interface Surroundings {
  state: GitHubState;
  origin: string;
  fullName: string;
  repositoryPath: string;
  /** Asks `emulate`, which keeps the pull requests themselves. */
  ask(method: string, path: string, body: Buffer, login: string): Promise<FakeAnswer>;
}

/** What `emulate` does not know of pull requests: their commits, their labels, and that issues list them too. */
export function makePulls({ state, origin, fullName, repositoryPath, ask }: Surroundings): {
  add(pull: NewPull): Promise<number>;
  patch(number: number, change: { state: 'open' | 'closed' }): Promise<void>;
  answer(request: FakeRequest): Promise<FakeAnswer | undefined>;
} {
  /** Issues as GitHub lists them, pull requests among them, and the pull requests that a commit belongs to. */
  async function answer(request: FakeRequest): Promise<FakeAnswer | undefined> {
    const ofCommit = /^\/commits\/([^/]+)\/pulls$/.exec(request.path)?.[1];
    const single = /^\/pulls\/(\d+)$/.exec(request.path)?.[1];
    if (request.method === 'POST' && request.path === '/pulls') return await open(request);
    const merged = /^\/pulls\/(\d+)\/merge$/.exec(request.path)?.[1];
    if (request.method === 'PUT' && merged) return await mergePull({ ...request, state }, Number(merged));
    if (request.method !== 'GET') return undefined;
    if (request.path === '/pulls' && request.query.has('head')) return await listOfBranch(request);
    if (ofCommit) {
      const numbers = [...state.pulls]
        .filter(([, pull]) => pull.commits.includes(ofCommit))
        .map(([number]) => number);
      return { status: 200, list: await Promise.all(numbers.map(readPull)) };
    }
    if (single && state.pulls.has(Number(single)))
      return { status: 200, json: await readPull(Number(single)) };
    if (request.path !== '/issues') return undefined;
    const issues = await listAll('/issues', request.query);
    const wanted = request.query.get('state') ?? 'open';
    const labels = (request.query.get('labels') ?? '').split(',').filter(Boolean);
    for (const [number, pull] of state.pulls) {
      const item = (await readPull(number)) as Record<string, unknown>;
      if (wanted !== 'all' && item['state'] !== wanted) continue;
      if (!labels.every((label) => pull.labels.includes(label)) || request.query.has('milestone')) continue;
      const url = `${origin}/repos/${fullName}/issues/${number}`;
      issues.push({
        ...item,
        url,
        labels_url: `${url}/labels{/name}`,
        events_url: `${url}/events`,
        repository_url: `${origin}/repos/${fullName}`,
        pull_request: { url: item['url'], html_url: item['html_url'], diff_url: null, patch_url: null },
      });
    }
    const descending = request.query.get('direction') !== 'asc';
    issues.sort((a, b) => (Number(a['number']) - Number(b['number'])) * (descending ? -1 : 1));
    return { status: 200, list: issues };
  }

  async function open({ body, login }: FakeRequest): Promise<FakeAnswer> {
    const { head: from, base: into } = JSON.parse(body.toString('utf8')) as Record<'head' | 'base', string>;
    const [owner = ''] = fullName.split('/');
    const refused = await refuseOpening({ state, repositoryPath }, { from, into }, owner);
    if (refused) return refused;
    const { number } = (await send(login, 'POST', '/pulls', JSON.parse(body.toString('utf8')))) as {
      number: number;
    };
    state.pulls.set(number, { mergedAt: null, mergeSha: '', commits: [], labels: [], from, into });
    return { status: 201, json: await readPull(number) };
  }

  async function listOfBranch({ query }: FakeRequest): Promise<FakeAnswer> {
    const [owner = ''] = fullName.split('/');
    const wanted = query.get('state') ?? 'open';
    const found = [...state.pulls].filter(
      ([, pull]) =>
        `${owner}:${pull.from}` === query.get('head') &&
        [null, pull.into].includes(query.get('base')) &&
        (wanted === 'all' || (wanted === 'open') === (pull.mergedAt === null && !pull.closed)),
    );
    return { status: 200, list: await Promise.all(found.map(([number]) => readPull(number))) };
  }

  async function listAll(path: string, query: URLSearchParams): Promise<Record<string, unknown>[]> {
    const all: Record<string, unknown>[] = [];
    for (let page = 1; ; page += 1) {
      const asked = new URLSearchParams(query);
      asked.set('per_page', '100');
      asked.set('page', String(page));
      const { json } = await ask('GET', `/repos/${fullName}${path}?${asked}`, Buffer.alloc(0), 'releaser');
      all.push(...(json as Record<string, unknown>[]));
      if ((json as unknown[]).length < 100) return all;
    }
  }

  async function readPull(number: number): Promise<object> {
    const { json } = await ask('GET', `/repos/${fullName}/pulls/${number}`, Buffer.alloc(0), 'releaser');
    const pull = state.pulls.get(number);
    const labels = (pull?.labels ?? []).map((name, index) => ({
      id: index + 1,
      node_id: `L_${index}`,
      url: `${origin}/repos/${fullName}/labels/${name}`,
      name,
      description: '',
      color: 'ededed',
      default: false,
    }));
    return {
      ...(json as object),
      ...(pull?.from === undefined ? {} : await readStanding(number, json as object)),
      labels,
      merged_at: pull?.mergedAt ?? null,
      merge_commit_sha: pull?.mergeSha ?? null,
    };
  }

  async function readStanding(number: number, json: object): Promise<object> {
    const pull = state.pulls.get(number);
    const { from = '', into = '', mergedAt = null, closed = false } = pull ?? {};
    const { head, base } = json as { head: object; base: object };
    const isOver = mergedAt !== null || closed;
    return {
      state: isOver ? 'closed' : 'open',
      merged: mergedAt !== null,
      head: { ...head, ref: from, sha: (await tipOf(repositoryPath, from)) ?? '0'.repeat(40) },
      base: { ...base, ref: into, sha: await tipOf(repositoryPath, into) },
      mergeable_state: isOver ? 'unknown' : await judge({ state, repositoryPath }, { number, from, into }),
    };
  }

  async function send(login: string, method: string, path: string, body: object): Promise<unknown> {
    const sent = Buffer.from(JSON.stringify(body));
    const { status, json } = await ask(method, `/repos/${fullName}${path}`, sent, login);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`);
    return json;
  }

  async function add(pull: NewPull): Promise<number> {
    const head = `branch-${state.nextId++}`;
    const opened = { title: pull.title, head, base: 'main' };
    const { number } = (await send(pull.author, 'POST', '/pulls', opened)) as { number: number };
    const merged = pull.merged ?? true;
    if (merged) await send('releaser', 'PATCH', `/pulls/${number}`, { state: 'closed' });
    state.pulls.set(number, {
      mergedAt: merged ? new Date(Date.UTC(2026, 0, 1, 0, number)).toISOString() : null,
      mergeSha: pull.mergeSha ?? '',
      commits: [...(pull.commits ?? []), ...(pull.mergeSha ? [pull.mergeSha] : [])],
      labels: pull.labels ?? [],
    });
    return number;
  }

  async function patch(number: number, change: { state: 'open' | 'closed' }): Promise<void> {
    await send('alice', 'PATCH', `/pulls/${number}`, change);
    const pull = state.pulls.get(number);
    if (pull) pull.closed = change.state === 'closed';
  }

  return { add, patch, answer };
}
