import type {
  Attachment,
  BranchProtection,
  Comment,
  CommitStatus,
  Issue,
  Label,
  Milestone,
  PullRequest,
  Release,
  Repository,
  TagProtection,
  User,
} from 'gitea-js';

/** What the fake keeps; answers are made from it, in the shapes of Gitea's own description. */
export interface GiteaState {
  issues: FakeIssue[];
  comments: { id: number; number: number; author: string; body: string; at: string }[];
  labels: { id: number; name: string }[];
  milestones: { id: number; title: string; state: 'open' | 'closed' }[];
  /** Oldest first; the last of a context counts. */
  statuses: { id: number; sha: string; context: string; status: string }[];
  releases: FakeRelease[];
  rights: FakeRights;
  /** What its protected branches ask of a pull request. */
  merging: { protected: string[]; needsApproval: boolean };
  nextId: number;
}

/** What repository and rules say of themselves. */
export interface FakeRights {
  /** Over what is usual. */
  repository: Partial<Repository>;
  branchRules: BranchProtection[];
  tagRules: TagProtection[];
  /** Rules are for administrators of the repository to read. */
  isAdmin: boolean;
  /** May whoever asks merge into a protected branch? */
  canMerge: boolean;
}

/** An issue, or with `pull` a pull request: they share their numbers. */
export interface FakeIssue {
  number: number;
  title: string;
  body: string;
  labels: string[];
  author: string;
  state: 'open' | 'closed';
  created_at: string;
  milestone?: string;
  locked?: boolean;
  pull?: {
    merged_at: string | null;
    mergeSha: string;
    commits: string[];
    /** The branches of one that was opened over the API. */
    from?: string;
    into?: string;
    approved?: boolean;
  };
}

export interface FakeRelease {
  id: number;
  tag_name: string;
  target: string;
  name: string;
  body: string;
  draft: boolean;
  prerelease: boolean;
  author: string;
  at: string;
  assets: { id: number; uuid: string; name: string; content: Buffer }[];
}

export function makeGiteaState(): GiteaState {
  return {
    ...{ issues: [], comments: [], labels: [], milestones: [], statuses: [], releases: [] },
    rights: { repository: {}, branchRules: [], tagRules: [], isAdmin: true, canMerge: true },
    merging: { protected: [], needsApproval: false },
    nextId: 1000,
  };
}

/** Where the answers' addresses point. */
export interface Place {
  origin: string;
  project: string;
}

const EPOCH = '2026-01-01T00:00:00Z';

export function formatUser({ origin }: Place, login: string): User {
  const id = [...login].reduce((sum, char) => sum * 31 + char.charCodeAt(0), 7) % 1_000_000;
  return { id, login, full_name: '', html_url: `${origin}/${login}`, created: EPOCH, active: true };
}

export function formatLabel(_place: Place, { id, name }: GiteaState['labels'][number]): Label {
  return { id, name, color: 'ededed', description: '', exclusive: false, is_archived: false };
}

export function formatMilestone(
  { title, id, state }: GiteaState['milestones'][number],
  issues: readonly FakeIssue[],
): Milestone {
  const count = (wanted: FakeIssue['state']) =>
    issues.filter((issue) => issue.milestone === title && issue.state === wanted).length;
  return {
    ...{ id, title, state, description: '', created_at: EPOCH },
    open_issues: count('open'),
    closed_issues: count('closed'),
  };
}

function formatLabels(labels: readonly string[]): Label[] {
  return labels.map((name, index) => ({ id: index + 1, name, color: 'ededed' }));
}

export function formatIssue(place: Place, issue: FakeIssue): Issue {
  const { number, title, body, state, created_at, pull, locked = false } = issue;
  const html_url = `${place.origin}/${place.project}/${pull ? 'pulls' : 'issues'}/${number}`;
  return {
    ...{ id: 5000 + number, number, title, body, state, created_at, html_url, is_locked: locked },
    labels: formatLabels(issue.labels),
    user: formatUser(place, issue.author),
    // Go writes what there is not as null.
    pull_request: (pull
      ? { merged: pull.merged_at !== null, merged_at: pull.merged_at ?? '', html_url }
      : null) as NonNullable<Issue['pull_request']>,
  };
}

export function formatPull(place: Place, issue: FakeIssue): PullRequest {
  const { id, number, title, body, state, labels, user, html_url } = formatIssue(
    place,
    issue,
  ) as Required<Issue>;
  const { merged_at, mergeSha } = issue.pull!;
  return {
    ...{ id, number, title, body, state, labels, user, html_url },
    merged: merged_at !== null,
    merged_at: merged_at as string,
    merge_commit_sha: mergeSha,
  };
}

export function formatComment(
  place: Place,
  { id, number, author, body, at }: GiteaState['comments'][number],
): Comment {
  const html_url = `${place.origin}/${place.project}/pulls/${number}#issuecomment-${id}`;
  return { id, body, html_url, user: formatUser(place, author), created_at: at, updated_at: at };
}

export function formatStatus(
  place: Place,
  { id, context, status }: GiteaState['statuses'][number],
): CommitStatus {
  return {
    ...{ id, context, status: status as NonNullable<CommitStatus['status']>, description: '' },
    target_url: `${place.origin}/${place.project}/actions/runs/${id}`,
    created_at: EPOCH,
  };
}

function formatAttachment(
  place: Place,
  { id, uuid, name, content }: FakeRelease['assets'][number],
): Attachment {
  const browser_download_url = `${place.origin}/attachments/${uuid}`;
  return { id, uuid, name, size: content.length, download_count: 0, created_at: EPOCH, browser_download_url };
}

export function formatRelease(place: Place, release: FakeRelease): Release {
  const { id, tag_name, name, body, draft, prerelease, target, at } = release;
  return {
    ...{ id, tag_name, name, body, draft, prerelease, target_commitish: target },
    ...{ created_at: at, published_at: at, author: formatUser(place, release.author) },
    html_url: `${place.origin}/${place.project}/releases/tag/${encodeURIComponent(tag_name)}`,
    assets: release.assets.map((asset) => formatAttachment(place, asset)),
  };
}
