import { addMarker } from '../marker.ts';
import type { HostMerging, MergeState, RequestStanding } from '../merging.ts';
import { type GitLabConnection, readGitLab, writeGitLab } from './connection.ts';

/** Merge requests as the way into a branch that takes nothing else. */
export function openMerging(connection: GitLabConnection): HostMerging {
  return {
    findDemand: (branch) => findDemand(connection, branch),
    findOpen: async ({ from, into }) => {
      const listed = await readGitLab(connection, `look for a merge request of ${from}`, (api, project) =>
        api.mergeRequests.all({
          projectId: project,
          state: 'opened',
          sourceBranch: from,
          targetBranch: into,
        }),
      );
      const found = listed.find((one) => one.source_project_id === one.target_project_id);
      return found && { number: found.iid, url: found.web_url };
    },
    create: async (request) => {
      await writeGitLab(connection, `open a merge request of ${request.from}`, (api, project) =>
        api.mergeRequests.create(project, request.from, request.into, request.title, {
          description: addMarker(request.body, request.key),
          // A tag stands on the release commit, and its branch is deleted by the release itself.
          squash: false,
          removeSourceBranch: false,
        }),
      );
    },
    look: (number) => look(connection, number),
    merge: async ({ number, head, title, message }) => {
      await writeGitLab(connection, `merge merge request !${number}`, (api, project) =>
        api.mergeRequests.accept(project, number, {
          sha: head,
          squash: false,
          shouldRemoveSourceBranch: false,
          mergeCommitMessage: `${title}\n\n${message}`.trim(),
        }),
      );
    },
  };
}

async function findDemand(connection: GitLabConnection, branch: string): Promise<string | undefined> {
  const found = await readGitLab(connection, `read the branch ${branch}`, (api, project) =>
    api.branches.show(project, branch),
  );
  if (!found.protected || found.can_push) return undefined;
  return 'it is protected, and this token may not push to it';
}

async function look(connection: GitLabConnection, number: number): Promise<RequestStanding> {
  const found = await readGitLab(connection, `read merge request !${number}`, (api, project) =>
    api.mergeRequests.show(project, number),
  );
  const isOwn = found.source_project_id === found.target_project_id;
  return {
    number,
    url: found.web_url,
    // A fork's branch is none of ours, whatever its name.
    from: isOwn ? found.source_branch : `${found.source_project_id}:${found.source_branch}`,
    into: found.target_branch,
    state: STATES[found.state] ?? 'closed',
    head: found.sha,
    ...describeStatus(String(found.detailed_merge_status ?? '')),
  };
}

/** `locked` is what it is while GitLab merges it. */
const STATES: Record<string, RequestStanding['state']> = { opened: 'open', locked: 'open', merged: 'merged' };

/** GitLab's `detailed_merge_status`. What is not here waits, under GitLab's own word for it. */
const STATUSES: Record<string, MergeState> = {
  mergeable: { merging: 'ready' },
  need_rebase: { merging: 'behind' },
  conflict: { merging: 'conflict' },
  // What it was called before 16.
  broken_status: { merging: 'conflict' },
  not_approved: { merging: 'waits', why: 'an approval' },
  requested_changes: { merging: 'waits', why: 'the changes that a reviewer asks for' },
  discussions_not_resolved: { merging: 'waits', why: 'discussions that are to be resolved' },
  ci_must_pass: { merging: 'waits', why: 'a pipeline that succeeds' },
  ci_still_running: { merging: 'waits', why: 'its pipeline' },
  draft_status: { merging: 'waits', why: 'it is a draft' },
};

function describeStatus(status: string): MergeState {
  const waits = { merging: 'waits' as const, why: status.replaceAll('_', ' ') || 'GitLab' };
  return STATUSES[status] ?? waits;
}
