import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import type { FakeAnswer } from './github-state.ts';
import {
  type FakeIssue,
  type FakeMergeRequest,
  formatIssue,
  formatMergeRequest,
  formatMilestone,
  formatNote,
  formatPackage,
  formatPipeline,
  formatRelease,
  formatStatus,
  type GitLabState,
  type Place,
} from './gitlab-state.ts';
import { answerByRoutes, type HostRoute } from './host-server.ts';
import { describeRequest, MERGING_ROUTES } from './merging/gitlab-merging.ts';
import { RIGHTS_ROUTES } from './rights/gitlab-rights.ts';

const run = promisify(execFile);

/** The parts of a request that a route needs. */
export interface Asked extends Place {
  login: string;
  query: URLSearchParams;
  body: Buffer;
  repositoryPath: string;
  state: GitLabState;
}

type Route = HostRoute<Asked>;

const PAGE = ['page', 'per_page'];
const NOT_FOUND: FakeAnswer = { status: 404, json: { message: '404 Not found' } };

function byFilter<T extends FakeIssue | FakeMergeRequest>(all: T[], { query }: Asked): T[] {
  const wanted = (name: string) => query.get(name);
  const labels = (wanted('labels') ?? '').split(',').filter(Boolean);
  const found = all.filter(
    (one) =>
      [null, 'all', one.state].includes(wanted('state')) &&
      labels.every((label) => one.labels.includes(label)) &&
      [null, one.milestone].includes(wanted('milestone')) &&
      [null, one.author].includes(wanted('author_username')) &&
      Date.parse(one.created_at) >= Date.parse(wanted('created_after') ?? '1970-01-01'),
  );
  return wanted('sort') === 'asc' ? found : found.reverse();
}

/** What the fake answers below `/api/v4/projects/PROJECT`. */
const ROUTES: Route[] = [
  {
    on: /^GET \/repository\/commits\/([0-9a-f]{40})\/statuses$/,
    query: [...PAGE, 'ref', 'stage', 'name', 'pipeline_id', 'all', 'order_by', 'sort'],
    answer: (asked, [sha]) => ({
      status: 200,
      list: asked.state.statuses.filter((one) => one.sha === sha).map((one) => formatStatus(asked, one)),
    }),
  },
  {
    on: /^GET \/repository\/commits\/([0-9a-f]{40})\/merge_requests$/,
    query: [...PAGE, 'state'],
    answer: (asked, [sha = '']) => ({
      status: 200,
      list: asked.state.mergeRequests
        .filter(({ commits }) => commits.includes(sha))
        .map((one) => formatMergeRequest(asked, one)),
    }),
  },
  {
    on: /^GET \/pipelines$/,
    query: [...PAGE, 'sha', 'ref', 'status', 'order_by', 'sort'],
    answer: (asked) => ({
      status: 200,
      list: asked.state.pipelines
        .filter(({ sha }) => sha === asked.query.get('sha'))
        .map((one) => formatPipeline(asked, one)),
    }),
  },
  {
    on: /^GET \/issues$/,
    query: [
      ...PAGE,
      'state',
      'labels',
      'milestone',
      'author_username',
      'created_after',
      'created_before',
      'order_by',
      'sort',
    ],
    answer: (asked) => ({
      status: 200,
      list: byFilter(asked.state.issues, asked).map((one) => formatIssue(asked, one)),
    }),
  },
  {
    on: /^POST \/issues$/,
    body: ['title', 'description', 'labels', 'confidential', 'milestone_id', 'assignee_ids', 'due_date'],
    answer: (asked) => {
      const { state, login } = asked;
      const { title, description = '', labels = '' } = JSON.parse(asked.body.toString('utf8'));
      const issue: FakeIssue = {
        iid: state.issues.length + 1,
        title,
        description,
        labels: String(labels).split(',').filter(Boolean),
        author: login,
        state: 'opened',
        created_at: new Date().toISOString(),
      };
      if (description.length > 1_048_576)
        return { status: 400, json: { message: 'description is too long' } };
      state.issues.push(issue);
      return { status: 201, json: formatIssue(asked, issue) };
    },
  },
  {
    on: /^GET \/merge_requests$/,
    query: [...PAGE, 'state', 'labels', 'milestone', 'order_by', 'sort', 'source_branch', 'target_branch'],
    answer: async (asked) => {
      const wanted = byFilter(asked.state.mergeRequests, asked).filter(
        ({ from, into }) =>
          [null, from].includes(asked.query.get('source_branch')) &&
          [null, into].includes(asked.query.get('target_branch')),
      );
      return { status: 200, list: await Promise.all(wanted.map((one) => describeRequest(asked, one))) };
    },
  },
  {
    on: /^GET \/merge_requests\/(\d+)$/,
    answer: async (asked, [iid]) => {
      const found = asked.state.mergeRequests.find((one) => one.iid === Number(iid));
      return found ? { status: 200, json: await describeRequest(asked, found) } : NOT_FOUND;
    },
  },
  ...MERGING_ROUTES,
  ...RIGHTS_ROUTES,
  {
    on: /^GET \/merge_requests\/(\d+)\/notes$/,
    query: [...PAGE, 'sort', 'order_by'],
    answer: (asked, [iid]) => ({
      status: 200,
      list: asked.state.notes
        .filter(({ request }) => request === Number(iid))
        .map((one) => formatNote(asked, one)),
    }),
  },
  {
    on: /^POST \/merge_requests\/(\d+)\/notes$/,
    body: ['body', 'created_at', 'internal', 'merge_request_diff_head_sha'],
    answer: (asked, [iid]) => {
      const request = asked.state.mergeRequests.find((one) => one.iid === Number(iid));
      if (!request) return NOT_FOUND;
      if (request.locked) return { status: 403, json: { message: '403 Forbidden' } };
      const { body } = JSON.parse(asked.body.toString('utf8'));
      const at = new Date().toISOString();
      const note = { id: asked.state.nextId++, request: request.iid, author: asked.login, body, at };
      asked.state.notes.push(note);
      return { status: 201, json: formatNote(asked, note) };
    },
  },
  {
    on: /^GET \/milestones$/,
    query: [...PAGE, 'state', 'title', 'search', 'iids', 'include_ancestors'],
    answer: (asked) => ({
      status: 200,
      list: asked.state.milestones
        .filter(({ state }) => [null, state].includes(asked.query.get('state') as typeof state))
        .map((one) => formatMilestone(asked, one)),
    }),
  },
  {
    on: /^GET \/packages$/,
    query: [...PAGE, 'package_type', 'package_name', 'package_version', 'status', 'order_by', 'sort'],
    answer: (asked) => ({
      status: 200,
      list: asked.state.packages
        .filter(({ name }) => name.includes(asked.query.get('package_name') ?? ''))
        .filter(({ version }) => [null, version].includes(asked.query.get('package_version')))
        .map(formatPackage),
    }),
  },
  {
    on: /^GET \/packages\/(\d+)\/package_files$/,
    query: PAGE,
    answer: (asked, [id]) => {
      const found = asked.state.packages.find((one) => one.id === Number(id));
      return found
        ? { status: 200, list: found.files.map(({ content: _bytes, ...shown }) => shown) }
        : NOT_FOUND;
    },
  },
  {
    on: /^PUT \/packages\/generic\/([\w.-]+)\/([\w.+-]+)\/([\w.@+-]+)$/,
    answer: ({ state, body }, [name = '', version = '', file = '']) => {
      let found = state.packages.find((one) => one.name === name && one.version === version);
      if (!found) {
        found = { id: state.nextId++, name, version, files: [] };
        state.packages.push(found);
      }
      const sha256 = createHash('sha256').update(body).digest('hex');
      found.files.push({ id: state.nextId++, file_name: file, content: body, file_sha256: sha256 });
      return { status: 201, json: { message: '201 Created' } };
    },
  },
  {
    on: /^GET \/releases\/(.+)$/,
    answer: (asked, [tag]) => {
      const found = asked.state.releases.find((one) => one.tag_name === tag);
      return found ? { status: 200, json: formatRelease(asked, found) } : NOT_FOUND;
    },
  },
  {
    on: /^POST \/releases$/,
    body: ['name', 'tag_name', 'tag_message', 'description', 'ref', 'milestones', 'assets', 'released_at'],
    answer: createRelease,
  },
];

async function createRelease(asked: Asked): Promise<FakeAnswer> {
  const { state, login, repositoryPath } = asked;
  const { name, tag_name, description, assets, ref } = JSON.parse(asked.body.toString('utf8'));
  if (String(description).length > 1_000_000)
    return {
      status: 400,
      json: { message: { description: ['is too long (maximum is 1000000 characters)'] } },
    };
  if (state.releases.some((one) => one.tag_name === tag_name))
    return { status: 409, json: { message: 'Release already exists' } };
  const tag = `refs/tags/${tag_name}`;
  const exists = await run('git', ['-C', repositoryPath, 'rev-parse', '--verify', '--quiet', tag]).catch(
    () => undefined,
  );
  // Where the tag is not there, GitLab makes it of `ref`.
  if (!exists && ref === undefined) return { status: 422, json: { message: 'Ref is not specified' } };
  const sent = (assets?.links ?? []) as Omit<FakeLink, 'id'>[];
  const unknown = sent.flatMap((link) => Object.keys(link)).filter((key) => !LINK.includes(key));
  if (unknown.length > 0) return { status: 400, json: { error: `unknown: ${unknown}` } };
  const links = sent.map((link) => ({ ...link, id: state.nextId++ }));
  const release = { tag_name, name, description, author: login, at: new Date().toISOString(), links };
  state.releases.push(release);
  return { status: 201, json: formatRelease(asked, release) };
}

const LINK = ['name', 'url', 'link_type', 'direct_asset_path'];
type FakeLink = GitLabState['releases'][number]['links'][number];

/** Answers `METHOD /path` below the project. */
export const answerProject = answerByRoutes('GitLab', ROUTES, NOT_FOUND);
