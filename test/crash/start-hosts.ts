import type { HostName } from '../../src/providers/host/hosts.ts';
import { type GiteaFake, startGitea } from '../support/host/gitea-fake.ts';
import { type GitHubFake, startGitHub } from '../support/host/github-fake.ts';
import { type GitLabFake, startGitLab } from '../support/host/gitlab-fake.ts';

/** The one host that a run has, if any. */
export interface CrashHosts {
  host: GitHubFake | GitLabFake | GiteaFake | undefined;
  /** The same by its name. */
  github: GitHubFake | undefined;
  gitlab: GitLabFake | undefined;
  gitea: GiteaFake | undefined;
}

/** Starts those of `parts` that are hosts. */
export async function startHosts(parts: readonly string[]): Promise<CrashHosts> {
  const isWanted = (name: HostName) => parts.includes(name);
  const github = isWanted('github') ? await startGitHub() : undefined;
  const gitlab = isWanted('gitlab') ? await startGitLab() : undefined;
  const gitea = isWanted('gitea') ? await startGitea() : undefined;
  return { host: github ?? gitlab ?? gitea, github, gitlab, gitea };
}

/** The product's section of the host, as in `windlass.yaml`; its token is the secret `host_token`. */
export function describeHost({ github, gitlab, gitea }: CrashHosts): object {
  const token = 'host_token';
  if (github) {
    const { owner, repo, apiUrl: api_url } = github;
    return { github: { owner, repo, api_url, token, deployments: true } };
  }
  if (gitlab) return { gitlab: { project: gitlab.project, api_url: gitlab.apiUrl, token } };
  if (gitea) return { gitea: { owner: gitea.owner, repo: gitea.repo, api_url: gitea.apiUrl, token } };
  return {};
}
