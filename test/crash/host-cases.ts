import type { HostEffectName } from '../../src/providers/host/host.ts';
import type { HostName } from '../../src/providers/host/hosts.ts';
import { askOrigin, type CrashRun } from './crash-run.ts';
import { CASES, type EffectCase } from './effect-cases.ts';
import { BRANCH, TAG } from './template.ts';

/** The effects of hosts as other hosts than GitHub make them; a host without an entry is a mistake of compilation. */
export const HOST_CASES: Record<Exclude<HostName, 'github'>, Partial<Record<HostEffectName, EffectCase>>> = {
  gitlab: {
    'pull-request': {
      ...CASES['pull-request'],
      parts: ['gitlab'],
      arrange: async (run) => {
        await pushBranches(run, run.gitlab?.repositoryPath);
        const status = { id: 1, sha: run.template.commit, name: 'test', ref: BRANCH, status: 'running' };
        run.gitlab?.state.statuses.push({ ...status, allow_failure: false });
        run.gitlab?.state.merging.protected.push('main');
      },
      look: async ({ gitlab }) =>
        gitlab?.state.mergeRequests.map(({ title, description }) => [title, description]),
    },
    'release-asset': gitlabPage('release-asset'),
    'release-page': gitlabPage('release-page'),
    issue: {
      ...CASES.issue,
      parts: ['gitlab'],
      look: async ({ gitlab }) => gitlab?.state.issues.map(({ title, description }) => [title, description]),
    },
    comment: {
      ...CASES.comment,
      parts: ['gitlab'],
      arrange: async ({ gitlab, template }) => {
        gitlab?.addMergeRequest({ title: 'a change', commits: [template.base] });
      },
      look: async ({ gitlab }) => gitlab?.state.notes.map(({ request, body }) => [request, body]),
    },
  },
  gitea: {
    'pull-request': {
      ...CASES['pull-request'],
      parts: ['gitea'],
      arrange: async (run) => {
        await pushBranches(run, run.gitea?.repositoryPath);
        const status = { id: 1, sha: run.template.commit, context: 'test', status: 'pending' };
        run.gitea?.state.statuses.push(status);
        run.gitea?.state.merging.protected.push('main');
      },
      look: async ({ gitea }) => gitea?.state.issues.map(({ title, body }) => [title, body]),
    },
    'release-draft': giteaPage('release-draft'),
    'release-asset': giteaPage('release-asset'),
    'release-page': giteaPage('release-page'),
    issue: {
      ...CASES.issue,
      parts: ['gitea'],
      look: async ({ gitea }) => gitea?.state.issues.map(({ title, body }) => [title, body]),
    },
    comment: {
      ...CASES.comment,
      parts: ['gitea'],
      arrange: async ({ gitea, template }) => {
        const { base } = template;
        const pull = { merged_at: '2026-01-02T03:04:05Z', mergeSha: base, commits: [base] };
        gitea?.addIssue({ title: 'a change', state: 'closed', pull });
      },
      look: async ({ gitea }) => gitea?.state.comments.map(({ number, body }) => [number, body]),
    },
  },
};

function gitlabPage(effect: 'release-asset' | 'release-page'): EffectCase {
  return {
    ...CASES[effect],
    parts: ['gitlab'],
    arrange: async (run) => await pushTag(run, run.gitlab?.repositoryPath),
    look: async ({ gitlab }) => ({
      releases: gitlab?.state.releases.map(({ tag_name, description, links }) => [
        ...[tag_name, description],
        ...links.map(({ name }) => name),
      ]),
      files: gitlab?.state.packages.flatMap(({ files }) =>
        files.map(({ file_name, content }) => [file_name, content.toString()]),
      ),
    }),
  };
}

function giteaPage(effect: 'release-draft' | 'release-asset' | 'release-page'): EffectCase {
  return {
    ...CASES[effect],
    parts: ['gitea'],
    arrange: async (run) => await pushTag(run, run.gitea?.repositoryPath),
    look: async ({ gitea }) =>
      gitea?.state.releases.map(({ tag_name, body, draft, assets }) => ({
        ...{ tag_name, body, draft },
        assets: assets.map(({ name, content }) => [name, content.toString()]),
      })),
  };
}

/** What a pull request is opened from, and into. */
async function pushBranches(run: CrashRun, repository = ''): Promise<void> {
  await askOrigin(run, 'push', '--quiet', repository, 'main', BRANCH);
}

/** A page is made of a tag that is there. */
async function pushTag(run: CrashRun, repository = ''): Promise<void> {
  await askOrigin(run, 'push', '--quiet', repository, `main:refs/tags/${TAG}`);
}
