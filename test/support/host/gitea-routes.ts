import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type {
  CreateIssueCommentOption,
  CreateIssueOption,
  CreateLabelOption,
  CreateReleaseOption,
  EditReleaseOption,
  giteaApi,
} from 'gitea-js';
import {
  type FakeIssue,
  type FakeRelease,
  formatComment,
  formatIssue,
  formatLabel,
  formatMilestone,
  formatPull,
  formatRelease,
  formatStatus,
  type GiteaState,
  type Place,
} from './gitea-state.ts';
import type { FakeAnswer } from './github-state.ts';
import { answerByRoutes, type HostRoute } from './host-server.ts';
import { describePull, MERGING_ROUTES } from './merging/gitea-merging.ts';
import { RIGHTS_ROUTES } from './rights/gitea-rights.ts';

const run = promisify(execFile);

/** The parts of a request that a route needs. */
export interface Asked extends Place {
  login: string;
  query: URLSearchParams;
  body: Buffer;
  contentType: string;
  repositoryPath: string;
  state: GiteaState;
}

type Route = HostRoute<Asked>;

type Repos = ReturnType<typeof giteaApi>['repos'];
/** The names of an operation's query parameters, in Gitea's own description. */
type QueryOf<Operation extends keyof Repos, At extends number> = Repos[Operation] extends (
  ...given: infer Given
) => unknown
  ? keyof NonNullable<Given[At]>
  : never;

const PAGE = ['page', 'limit'] as const;
const NOT_FOUND: FakeAnswer = { status: 404, json: { message: "The target couldn't be found.", errors: [] } };

/** What the fake answers below `/api/v1/repos/OWNER/REPO`. */
const ROUTES: Route[] = [
  {
    on: /^GET \/commits\/([0-9a-f]{40})\/status$/,
    query: PAGE satisfies readonly QueryOf<'repoGetCombinedStatusByRef', 3>[],
    answer: (asked, [sha]) => {
      const newest = new Map(
        asked.state.statuses.filter((one) => one.sha === sha).map((one) => [one.context, one]),
      );
      return {
        status: 200,
        list: [...newest.values()].map((one) => formatStatus(asked, one)),
        // Go writes an empty list as null.
        wrap: (page, total) => ({
          state: 'pending',
          sha,
          statuses: page.length > 0 ? page : null,
          total_count: total,
        }),
      };
    },
  },
  {
    on: /^GET \/commits\/([0-9a-f]{40})\/pull$/,
    answer: (asked, [sha]) => {
      const found = asked.state.issues.find(({ pull }) => pull?.merged_at && pull.mergeSha === sha);
      return found ? { status: 200, json: formatPull(asked, found) } : NOT_FOUND;
    },
  },
  {
    on: /^GET \/pulls\/(\d+)$/,
    answer: async (asked, [number]) => {
      const found = asked.state.issues.find((one) => one.pull && one.number === Number(number));
      return found ? { status: 200, json: await describePull(asked, found) } : NOT_FOUND;
    },
  },
  ...MERGING_ROUTES,
  ...RIGHTS_ROUTES,
  {
    on: /^GET \/pulls\/(\d+)\/commits$/,
    query: PAGE satisfies readonly QueryOf<'repoGetPullRequestCommits', 3>[],
    answer: (asked, [number]) => {
      const found = asked.state.issues.find((one) => one.pull && one.number === Number(number));
      return found ? { status: 200, list: found.pull!.commits.map((sha) => ({ sha })) } : NOT_FOUND;
    },
  },
  {
    on: /^GET \/issues$/,
    query: [...PAGE, 'state', 'type', 'labels', 'since', 'created_by'] satisfies QueryOf<
      'issueListIssues',
      2
    >[],
    answer: listIssues,
  },
  {
    on: /^POST \/issues$/,
    body: ['title', 'body', 'labels'] satisfies (keyof CreateIssueOption)[],
    answer: createIssue,
  },
  {
    on: /^GET \/issues\/(\d+)\/comments$/,
    answer: (asked, [number]) => {
      if (!asked.state.issues.some((one) => one.number === Number(number))) return NOT_FOUND;
      const found = asked.state.comments.filter((one) => one.number === Number(number));
      return { status: 200, json: found.map((one) => formatComment(asked, one)) };
    },
  },
  {
    on: /^POST \/issues\/(\d+)\/comments$/,
    body: ['body'] satisfies (keyof CreateIssueCommentOption)[],
    answer: (asked, [number]) => {
      const { state, login } = asked;
      const issue = state.issues.find((one) => one.number === Number(number));
      if (!issue) return NOT_FOUND;
      if (issue.locked) return { status: 403, json: { message: 'issue is locked' } };
      const { body } = JSON.parse(asked.body.toString('utf8'));
      const at = new Date().toISOString();
      const comment = { id: state.nextId++, number: issue.number, author: login, body, at };
      state.comments.push(comment);
      return { status: 201, json: formatComment(asked, comment) };
    },
  },
  {
    on: /^GET \/labels$/,
    query: PAGE satisfies readonly QueryOf<'issueListLabels', 2>[],
    answer: (asked) => ({ status: 200, list: asked.state.labels.map((one) => formatLabel(asked, one)) }),
  },
  {
    on: /^POST \/labels$/,
    body: ['name', 'color'] satisfies (keyof CreateLabelOption)[],
    answer: (asked) => {
      const { name, color } = JSON.parse(asked.body.toString('utf8'));
      if (!/^#[0-9a-f]{6}$/.test(color)) return { status: 422, json: { message: 'bad color code' } };
      const label = { id: asked.state.nextId++, name };
      asked.state.labels.push(label);
      return { status: 201, json: formatLabel(asked, label) };
    },
  },
  {
    on: /^GET \/milestones$/,
    query: [...PAGE, 'state'] satisfies QueryOf<'issueGetMilestonesList', 2>[],
    answer: ({ state, query }) => ({
      status: 200,
      list: state.milestones
        .filter((one) => [null, 'all', one.state].includes(query.get('state')))
        .map((one) => formatMilestone(one, state.issues)),
    }),
  },
  {
    on: /^POST \/releases$/,
    body: [
      'tag_name',
      'target_commitish',
      'name',
      'body',
      'draft',
      'prerelease',
    ] satisfies (keyof CreateReleaseOption)[],
    answer: createRelease,
  },
  {
    on: /^GET \/releases\/tags\/(.+)$/,
    answer: (asked, [tag]) => {
      const found = asked.state.releases.find((one) => one.tag_name === tag);
      const mayRead = found && (!found.draft || asked.login !== 'reader');
      return mayRead ? { status: 200, json: formatRelease(asked, found) } : NOT_FOUND;
    },
  },
  {
    on: /^PATCH \/releases\/(\d+)$/,
    body: ['draft', 'name', 'body', 'prerelease'] satisfies (keyof EditReleaseOption)[],
    answer: (asked, [id]) => {
      const found = asked.state.releases.find((one) => one.id === Number(id));
      if (!found) return NOT_FOUND;
      Object.assign(found, JSON.parse(asked.body.toString('utf8')));
      return { status: 200, json: formatRelease(asked, found) };
    },
  },
  {
    on: /^POST \/releases\/(\d+)\/assets$/,
    query: ['name'] satisfies QueryOf<'repoCreateReleaseAttachment', 4>[],
    answer: uploadAsset,
  },
];

function listIssues(asked: Asked): FakeAnswer {
  const { query, state } = asked;
  const asksFor = (name: string) => query.get(name);
  // Labels that the repository itself has not are left out of the question, as Gitea does.
  const labels = (asksFor('labels') ?? '')
    .split(',')
    .filter((name) => state.labels.some((label) => label.name === name));
  const found = state.issues.filter(
    (one) =>
      [null, 'all', one.state].includes(asksFor('state') ?? 'open') &&
      [null, one.pull ? 'pulls' : 'issues'].includes(asksFor('type')) &&
      [null, one.author].includes(asksFor('created_by')) &&
      labels.every((label) => one.labels.includes(label)) &&
      Date.parse(one.created_at) >= Date.parse(asksFor('since') ?? '1970-01-01'),
  );
  return { status: 200, list: found.reverse().map((one) => formatIssue(asked, one)) };
}

function createIssue(asked: Asked): FakeAnswer {
  const { state, login } = asked;
  const { title, body = '', labels = [] } = JSON.parse(asked.body.toString('utf8')) as CreateIssueOption;
  const issue: FakeIssue = {
    ...{ number: state.issues.length + 1, title, body, author: login, state: 'open' },
    labels: labels.map((id) => state.labels.find((label) => label.id === id)?.name ?? `unknown ${id}`),
    created_at: new Date().toISOString(),
  };
  state.issues.push(issue);
  return { status: 201, json: formatIssue(asked, issue) };
}

async function createRelease(asked: Asked): Promise<FakeAnswer> {
  const { state, login, repositoryPath } = asked;
  const sent = JSON.parse(asked.body.toString('utf8')) as CreateReleaseOption;
  const {
    tag_name,
    target_commitish = 'main',
    name = '',
    body = '',
    draft = false,
    prerelease = false,
  } = sent;
  if (state.releases.some((one) => one.tag_name === tag_name))
    return { status: 409, json: { message: 'Release is has no Tag' } };
  const has = async (ref: string) =>
    await run('git', ['-C', repositoryPath, 'rev-parse', '--verify', '--quiet', ref]).catch(() => undefined);
  const tagged = await has(`refs/tags/${tag_name}`);
  if (!tagged && !(await has(target_commitish))) return NOT_FOUND;
  // The notes are a column of 64 KiB in MySQL.
  if (Buffer.byteLength(body) > 65_535)
    return { status: 500, json: { message: "Data too long for column 'note'" } };
  const release: FakeRelease = {
    ...{ id: state.nextId++, tag_name, target: target_commitish, name, body, draft, prerelease },
    ...{ author: login, at: new Date().toISOString(), assets: [] },
  };
  state.releases.push(release);
  return { status: 201, json: formatRelease(asked, release) };
}

async function uploadAsset(asked: Asked, [id]: string[]): Promise<FakeAnswer> {
  const release = asked.state.releases.find((one) => one.id === Number(id));
  if (!release) return NOT_FOUND;
  const { body, contentType } = asked;
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': contentType },
  }).formData();
  const file = form.get('attachment');
  if (!(file instanceof File)) return { status: 400, json: { message: 'no attachment' } };
  // Gitea keeps several files of one name.
  release.assets.push({
    ...{ id: asked.state.nextId++, uuid: randomUUID(), name: asked.query.get('name') ?? file.name },
    content: Buffer.from(await file.arrayBuffer()),
  });
  return { status: 201, json: formatRelease(asked, release).assets?.at(-1) };
}

/** Answers `METHOD /path` below the repository. */
export const answerRepository = answerByRoutes('Gitea', ROUTES, NOT_FOUND);
