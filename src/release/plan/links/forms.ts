import type { LinkForm } from './form.ts';
import { azureDevops } from './forms/azure-devops.ts';
import { bitbucket } from './forms/bitbucket.ts';
import { bitbucketServer } from './forms/bitbucket-server.ts';
import { gitea } from './forms/gitea.ts';
import { github } from './forms/github.ts';
import { gitlab } from './forms/gitlab.ts';
import { sourcehut } from './forms/sourcehut.ts';

/** Every form of addresses, by the name that the configuration gives it. */
export const LINK_FORMS: Readonly<Record<string, LinkForm>> = {
  github,
  gitlab,
  gitea,
  forgejo: gitea,
  bitbucket,
  'bitbucket-server': bitbucketServer,
  'azure-devops': azureDevops,
  sourcehut,
};

/** The form of a web address by its host, or null: a host of one's own may be any of them. */
export function formOf(address: string): LinkForm | null {
  const [, host = '', path = ''] = /^https?:\/\/([^/]+)\/?(.*)$/.exec(address.toLowerCase()) ?? [];
  return Object.values(LINK_FORMS).find((form) => form.knows(host, path)) ?? null;
}
