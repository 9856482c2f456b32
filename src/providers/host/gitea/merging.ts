import { addMarker } from '../marker.ts';
import type { HostMerging, RequestStanding } from '../merging.ts';
import { findGitea, type GiteaConnection, readGitea, writeGitea } from './connection.ts';
import * as shapes from './shapes.ts';

/**
 * Pull requests as the way into a branch that takes nothing else. What reviews and checks are missing, Gitea says when
 * it is asked to merge.
 */
export function openMerging(connection: GiteaConnection): HostMerging {
  return {
    findDemand: (branch) => findDemand(connection, branch),
    findOpen: async ({ from, into }) => {
      const path = `{repo}/pulls/${encodeURIComponent(into)}/${encodePath(from)}`;
      const doing = `look for a pull request of ${from}`;
      const found = await findGitea(connection, doing, { path }, shapes.requestedMerge);
      if (found === undefined || found.merged || found.state !== 'open') return undefined;
      return { number: found.number, url: found.html_url };
    },
    create: async (request) => {
      await writeGitea(connection, `open a pull request of ${request.from}`, {
        path: '{repo}/pulls',
        method: 'POST',
        body: {
          title: request.title,
          head: request.from,
          base: request.into,
          body: addMarker(request.body, request.key),
        },
      });
    },
    look: (number) => look(connection, number),
    merge: async ({ number, head, title, message }) => {
      await writeGitea(connection, `merge pull request #${number}`, {
        path: `{repo}/pulls/${number}/merge`,
        method: 'POST',
        body: {
          Do: 'merge',
          MergeTitleField: title,
          MergeMessageField: message,
          head_commit_id: head,
          delete_branch_after_merge: false,
        },
      });
    },
  };
}

/** Behind these routes slashes stand as they are. */
export function encodePath(branch: string): string {
  return branch.split('/').map(encodeURIComponent).join('/');
}

async function findDemand(connection: GiteaConnection, branch: string): Promise<string | undefined> {
  const path = `{repo}/branches/${encodePath(branch)}`;
  const found = await readGitea(connection, `read the branch ${branch}`, { path }, shapes.branch);
  if (!found.protected || found.user_can_push) return undefined;
  return 'it is protected, and this token may not push to it';
}

async function look(connection: GiteaConnection, number: number): Promise<RequestStanding> {
  const found = await readGitea(
    connection,
    `read pull request #${number}`,
    { path: `{repo}/pulls/${number}` },
    shapes.requestedMerge,
  );
  const { head, base } = found;
  return {
    number,
    url: found.html_url,
    // A fork's branch is none of ours, whatever its name.
    from: head.repo_id === base.repo_id ? head.ref : head.label,
    into: base.ref,
    state: found.merged ? 'merged' : found.state === 'open' ? 'open' : 'closed',
    head: head.sha,
    ...(found.mergeable
      ? { merging: 'ready' }
      : { merging: 'waits', why: 'Gitea says that it cannot be merged: a conflict, or it is still looking' }),
  };
}
