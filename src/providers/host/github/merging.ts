import { addMarker } from '../marker.ts';
import type {
  HostMerging,
  MergeState,
  NewRequest,
  RequestFacts,
  RequestStanding,
  RequestWay,
} from '../merging.ts';
import { type GitHubConnection, readGitHub, writeGitHub } from './connection.ts';
import { demandOfProtection } from './preflight/protection.ts';
import { demandOfRules } from './preflight/rules.ts';

/** Pull requests as the way into a branch that takes nothing else. */
export function openMerging(connection: GitHubConnection): HostMerging {
  return {
    findDemand: (branch) => findDemand(connection, branch),
    findOpen: (way) => findOpen(connection, way),
    create: (request) => create(connection, request),
    look: (number) => look(connection, number),
    merge: async ({ number, head, title, message }) => {
      await writeGitHub(connection, `merge pull request #${number}`, (octokit, target) =>
        octokit.rest.pulls.merge({
          ...target,
          pull_number: number,
          sha: head,
          merge_method: 'merge',
          commit_title: title,
          commit_message: message,
        }),
      );
    },
  };
}

/** As `HostMerging.findDemand`. @throws GitHubFailure */
export async function findDemand(connection: GitHubConnection, branch: string): Promise<string | undefined> {
  return (await demandOfRules(connection, branch)) ?? (await demandOfProtection(connection, branch));
}

async function findOpen(
  connection: GitHubConnection,
  { from, into }: RequestWay,
): Promise<RequestFacts | undefined> {
  const { data } = await readGitHub(connection, `look for a pull request of ${from}`, (octokit, target) =>
    octokit.rest.pulls.list({
      ...target,
      state: 'open',
      head: `${connection.owner}:${from}`,
      base: into,
      per_page: 100,
    }),
  );
  // An account's forks are listed under its name too.
  const here = `${connection.owner}/${connection.repo}`.toLowerCase();
  const found = data.find(({ head }) => head.ref === from && head.repo?.full_name.toLowerCase() === here);
  return found && { number: found.number, url: found.html_url };
}

async function create(connection: GitHubConnection, request: NewRequest): Promise<void> {
  await writeGitHub(connection, `open a pull request of ${request.from}`, (octokit, target) =>
    octokit.rest.pulls.create({
      ...target,
      title: request.title,
      head: request.from,
      base: request.into,
      body: addMarker(request.body, request.key),
    }),
  );
}

async function look(connection: GitHubConnection, number: number): Promise<RequestStanding> {
  const { data } = await readGitHub(connection, `read pull request #${number}`, (octokit, target) =>
    octokit.rest.pulls.get({ ...target, pull_number: number }),
  );
  const here = `${connection.owner}/${connection.repo}`.toLowerCase();
  return {
    number,
    url: data.html_url,
    // A fork's branch is none of ours, whatever its name.
    from: data.head.repo?.full_name.toLowerCase() === here ? data.head.ref : `${data.head.label}`,
    into: data.base.ref,
    state: data.merged ? 'merged' : data.state === 'open' ? 'open' : 'closed',
    head: data.head.sha,
    ...(STANDINGS[data.mergeable_state] ?? UNKNOWN),
  };
}

/** GitHub's `mergeable_state`, by its own names (`MergeStateStatus`). Checks are looked at by themselves. */
const STANDINGS: Record<string, MergeState> = {
  clean: { merging: 'ready' },
  has_hooks: { merging: 'ready' },
  unstable: { merging: 'ready' },
  behind: { merging: 'behind' },
  dirty: { merging: 'conflict' },
  draft: { merging: 'waits', why: 'it is a draft' },
  blocked: { merging: 'waits', why: 'a review, a required check or the merge queue' },
};

/** GitHub works it out when it is asked, and has the answer the next time. */
const UNKNOWN: MergeState = { merging: 'waits', why: 'GitHub finds out whether it can be merged' };
