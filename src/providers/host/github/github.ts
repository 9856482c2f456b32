import { z } from 'zod';
import { commonFields } from '../common-fields.ts';
import type { HostKind, HostSection } from '../host-kind.ts';
import { readPage } from './read-page.ts';
import { webhook } from './webhook.ts';

interface GitHubSection extends HostSection {
  owner: string;
  repo: string;
}

/** GitHub and GitHub Enterprise. */
export const github: HostKind = {
  title: 'GitHub',
  section: (field) =>
    z
      .strictObject({
        owner: field
          .text(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?$/, 'a GitHub account')
          .describe('The account.'),
        repo: field
          .text(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/, 'a GitHub repository name')
          .describe('The repository.'),
        api_url: field.url.prefault('https://api.github.com').describe("The API's address."),
        ...commonFields(field),
        deployments: z
          .boolean()
          .prefault(false)
          .describe(
            'Whether each deployment is shown on GitHub, with its statuses and the address of its environment. The token needs the permission `deployments: write`.',
          ),
      })
      .describe('GitHub: pull requests, checks, issues, release pages.'),
  readProject: (section) => {
    const { owner, repo } = section as GitHubSection;
    return `${owner}/${repo}`;
  },
  open: async (access) => (await import('./host.ts')).openGitHubHost(access),
  tokenVariable: 'GITHUB_TOKEN',
  readPage,
  webhook,
};
