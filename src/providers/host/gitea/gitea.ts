import { z } from 'zod';
import { commonFields } from '../common-fields.ts';
import type { HostKind, HostSection } from '../host-kind.ts';
import { readPage } from './read-page.ts';

interface GiteaSection extends HostSection {
  owner: string;
  repo: string;
}

/** Gitea and Forgejo (Codeberg), which answer to the same API. */
export const gitea: HostKind = {
  title: 'Gitea',
  section: (field) =>
    z
      .strictObject({
        owner: field
          .text(/^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}$/, 'a user or organisation of Gitea')
          .describe('The user or the organisation.'),
        repo: field
          .text(/^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}$/, 'the name of a Gitea repository')
          .describe('The repository.'),
        api_url: field.url.describe("The API's address, such as https://codeberg.org/api/v1."),
        ...commonFields(field),
      })
      .describe(
        'Gitea, Forgejo, Codeberg: pull requests, commit statuses, issues, releases. The token needs the scopes `write:repository`, `write:issue` and `read:user`.',
      ),
  readProject: (section) => {
    const { owner, repo } = section as GiteaSection;
    return `${owner}/${repo}`;
  },
  open: async (access) => (await import('./host.ts')).openGiteaHost(access),
  tokenVariable: 'GITEA_TOKEN',
  readPage,
};
