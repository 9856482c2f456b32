import type {
  CommitStatusSchema,
  IssueSchemaWithBasicLabels,
  MergeRequestNoteSchema,
  MergeRequestSchemaWithBasicLabels,
  MilestoneSchema,
  PackageSchema,
  PersonalAccessTokenSchema,
  PipelineSchema,
  ProjectSchema,
  ProtectedBranchSchema,
  ReleaseSchema,
  SimpleUserSchema,
} from '@gitbeaker/rest';

/** What the fake keeps; answers are made from it, in the shapes that the client library has of GitLab's. */
export interface GitLabState {
  issues: FakeIssue[];
  mergeRequests: FakeMergeRequest[];
  notes: { id: number; request: number; author: string; body: string; at: string }[];
  milestones: { id: number; title: string; state: 'active' | 'closed' }[];
  statuses: (Pick<CommitStatusSchema, 'id' | 'sha' | 'name' | 'ref' | 'allow_failure'> & {
    status: string;
  })[];
  pipelines: Pick<PipelineSchema, 'id' | 'sha' | 'ref' | 'status'>[];
  packages: { id: number; name: string; version: string; files: FakeFile[] }[];
  releases: FakeRelease[];
  rights: FakeRights;
  /** What its protected branches ask of a merge request. */
  merging: { protected: string[]; needsApproval: boolean; semiLinear: boolean };
  nextId: number;
}

/** What project, token and protected refs say of themselves. */
export interface FakeRights {
  /** Over what is usual. */
  project: Partial<Pick<ProjectSchema, 'archived' | 'path_with_namespace' | 'squash_option'>> & {
    releases_access_level?: 'disabled' | 'private' | 'enabled';
  };
  /** The role of whoever asks; null: GitLab tells none. Readers are Reporters. */
  role: number | null;
  /** Null: a token that is no access token, as a job's. */
  token: Pick<PersonalAccessTokenSchema, 'scopes' | 'expires_at'> | null;
  protectedBranches: Pick<ProtectedBranchSchema, 'name'>[];
  protectedTags: { name: string; create_access_levels: object[] }[];
  /** Whether the lists of protected refs may be read. */
  seesProtection: boolean;
}

export function makeRights(): FakeRights {
  return {
    ...{ project: {}, role: 40, protectedBranches: [], protectedTags: [], seesProtection: true },
    token: { scopes: ['api', 'write_repository'], expires_at: '2099-01-01' },
  };
}

export interface FakeIssue {
  iid: number;
  title: string;
  description: string;
  labels: string[];
  author: string;
  state: 'opened' | 'closed';
  created_at: string;
  milestone?: string;
}

export interface FakeMergeRequest extends Omit<FakeIssue, 'state'> {
  state: 'opened' | 'merged' | 'closed';
  merged_at: string | null;
  commits: string[];
  locked?: boolean;
  /** The branches of one that was opened over the API. */
  from?: string;
  into?: string;
  approved?: boolean;
}

export interface FakeFile {
  id: number;
  file_name: string;
  content: Buffer;
  file_sha256: string;
}

export interface FakeRelease {
  tag_name: string;
  name: string;
  description: string;
  author: string;
  at: string;
  links: { id: number; name: string; url: string; link_type: string; direct_asset_path: string }[];
}

export function makeGitLabState(): GitLabState {
  return {
    rights: makeRights(),
    issues: [],
    mergeRequests: [],
    notes: [],
    milestones: [],
    statuses: [],
    pipelines: [],
    packages: [],
    releases: [],
    merging: { protected: [], needsApproval: false, semiLinear: false },
    nextId: 1000,
  };
}

/** Where the answers' addresses point. */
export interface Place {
  origin: string;
  project: string;
}

const EPOCH = '2026-01-01T00:00:00.000Z';

export function formatUser({ origin }: Place, username: string): SimpleUserSchema {
  return {
    id: [...username].reduce((sum, char) => sum * 31 + char.charCodeAt(0), 7) % 1_000_000,
    name: username,
    username,
    state: 'active',
    avatar_url: `${origin}/avatar/${username}`,
    web_url: `${origin}/${username}`,
    created_at: EPOCH,
  };
}

export function formatMilestone(
  { origin, project }: Place,
  { id, title, state }: GitLabState['milestones'][number],
): MilestoneSchema {
  return {
    id,
    iid: id,
    project_id: 1,
    title,
    description: '',
    start_date: '2026-01-01',
    state,
    updated_at: EPOCH,
    created_at: EPOCH,
    expired: false,
    web_url: `${origin}/${project}/-/milestones/${id}`,
  };
}

/** What issues and merge requests have in common. */
type Shown = Pick<
  IssueSchemaWithBasicLabels,
  | 'id'
  | 'iid'
  | 'project_id'
  | 'title'
  | 'description'
  | 'state'
  | 'created_at'
  | 'labels'
  | 'web_url'
  | 'author'
>;

export function formatIssue(place: Place, issue: FakeIssue): Shown {
  return show(place, issue, 'issues');
}

export function formatMergeRequest(
  place: Place,
  request: FakeMergeRequest,
): Shown & Pick<MergeRequestSchemaWithBasicLabels, 'merged_at' | 'target_branch' | 'discussion_locked'> {
  return {
    ...show(place, request, 'merge_requests'),
    merged_at: request.merged_at,
    target_branch: request.into ?? 'main',
    discussion_locked: request.locked ?? null,
  };
}

function show(place: Place, item: FakeIssue | FakeMergeRequest, kind: string): Shown {
  const { iid, title, description, state, created_at, labels } = item;
  return {
    id: 5000 + iid,
    iid,
    project_id: 1,
    title,
    description,
    state,
    created_at,
    labels,
    author: formatUser(place, item.author),
    web_url: `${place.origin}/${place.project}/-/${kind}/${iid}`,
  };
}

export function formatNote(
  place: Place,
  { id, request, author, body, at }: GitLabState['notes'][number],
): MergeRequestNoteSchema {
  return {
    id,
    body,
    attachment: null,
    author: formatUser(place, author),
    created_at: at,
    updated_at: at,
    system: false,
    noteable_id: 5000 + request,
    noteable_type: 'MergeRequest',
    noteable_iid: request,
    project_id: 1,
    resolvable: false,
  };
}

export function formatStatus(
  place: Place,
  status: GitLabState['statuses'][number],
): Omit<CommitStatusSchema, 'status'> & { status: string } {
  const target_url = `${place.origin}/${place.project}/-/jobs/${status.id}`;
  return { ...status, created_at: EPOCH, author: formatUser(place, 'runner'), target_url };
}

export function formatPipeline(place: Place, pipeline: GitLabState['pipelines'][number]): PipelineSchema {
  const { id } = pipeline;
  const web_url = `${place.origin}/${place.project}/-/pipelines/${id}`;
  return {
    ...pipeline,
    iid: id,
    project_id: 1,
    source: 'push',
    created_at: EPOCH,
    updated_at: EPOCH,
    web_url,
  };
}

export function formatPackage({
  id,
  name,
  version,
}: GitLabState['packages'][number]): Pick<PackageSchema, 'id' | 'name' | 'version' | 'package_type'> {
  return { id, name, version, package_type: 'generic' };
}

export function formatRelease(
  place: Place,
  release: FakeRelease,
): Omit<ReleaseSchema, 'commit' | 'evidences' | 'milestones' | '_links' | 'assets'> & {
  assets: Pick<ReleaseSchema['assets'], 'count' | 'links'>;
  _links: Pick<ReleaseSchema['_links'], 'self'>;
} {
  const { tag_name, name, description, at } = release;
  const tag = encodeURIComponent(tag_name);
  const links = release.links.map(({ id, name: file, url, link_type, direct_asset_path }) => ({
    id,
    name: file,
    url,
    external: false,
    link_type,
    direct_asset_url: `${place.origin}/${place.project}/-/releases/${tag}/downloads${direct_asset_path}`,
  }));
  return {
    tag_name,
    name,
    description,
    created_at: at,
    released_at: at,
    upcoming_release: false,
    author: formatUser(place, release.author),
    commit_path: `/${place.project}/-/commit/x`,
    tag_path: `/${place.project}/-/tags/${tag}`,
    assets: { count: links.length, links: links as never },
    _links: { self: `${place.origin}/${place.project}/-/releases/${tag}` },
  };
}
