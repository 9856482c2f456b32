import { z } from 'zod';
import { commonFields } from '../common-fields.ts';
import type { HostKind, HostSection } from '../host-kind.ts';
import { readPage } from './read-page.ts';

interface GitLabSection extends HostSection {
  project: string;
}

/** GitLab, on gitlab.com or a server of one's own. */
export const gitlab: HostKind = {
  title: 'GitLab',
  section: (field) =>
    z
      .strictObject({
        project: field
          .text(
            /^(?!.*(?:\.git|\.atom)(?:\/|$))[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}){1,20}$/,
            'the path of a GitLab project, such as group/subgroup/shop',
          )
          .describe("The project's path, with its groups."),
        api_url: field.url.prefault('https://gitlab.com/api/v4').describe("The API's address."),
        ...commonFields(field),
      })
      .describe('GitLab: merge requests, pipelines, issues, releases. The token needs the scope `api`.'),
  readProject: (section) => (section as GitLabSection).project,
  open: async (access) => (await import('./host.ts')).openGitLabHost(access),
  tokenVariable: 'GITLAB_TOKEN',
  readPage,
};
