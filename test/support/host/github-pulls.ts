import type { FakeAnswer, FakeRequest, GitHubState } from './github-state.ts';

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
  /** Asks `emulate`, which keeps the pull requests themselves. */
  ask(method: string, path: string, body: Buffer, login: string): Promise<FakeAnswer>;
}

/** What `emulate` does not know of pull requests: their commits, their labels, and that issues list them too. */
export function makePulls({ state, origin, fullName, ask }: Surroundings): {
  add(pull: NewPull): Promise<number>;
  answer(request: FakeRequest): Promise<FakeAnswer | undefined>;
} {
  /** Issues as GitHub lists them, pull requests among them, and the pull requests that a commit belongs to. */
  async function answer(request: FakeRequest): Promise<FakeAnswer | undefined> {
    const ofCommit = /^\/commits\/([^/]+)\/pulls$/.exec(request.path)?.[1];
    const single = /^\/pulls\/(\d+)$/.exec(request.path)?.[1];
    if (request.method !== 'GET') return undefined;
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
      labels,
      merged_at: pull?.mergedAt ?? null,
      merge_commit_sha: pull?.mergeSha ?? null,
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

  return { add, answer };
}
