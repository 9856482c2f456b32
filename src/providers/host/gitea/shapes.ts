/** Of Gitea's answers what is looked at. Go writes an empty list as `null` here and there. */
import { z } from 'zod';

/** A list as Gitea answers it: `null` where it is empty. */
export function list<T extends z.ZodType>(item: T) {
  return z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
}

export const user = z.object({ login: z.string() });

export const label = z.object({ id: z.number(), name: z.string() });

export const issue = z.object({
  number: z.number(),
  title: z.string(),
  html_url: z.string(),
  state: z.string(),
  body: z.string().nullish(),
  user: user.nullish(),
  labels: list(label),
  created_at: z.string(),
});

export const comment = z.object({ html_url: z.string(), body: z.string(), user: user.nullish() });

export const milestone = z.object({
  id: z.number(),
  title: z.string(),
  open_issues: z.number(),
  closed_issues: z.number(),
  due_on: z.string().nullish(),
});

export const pullRequest = z.object({
  number: z.number(),
  title: z.string(),
  html_url: z.string(),
  user: user.nullish(),
  labels: list(label),
  merged: z.boolean(),
  merged_at: z.string().nullish(),
});

const end = z.object({ label: z.string(), ref: z.string(), sha: z.string(), repo_id: z.number() });

export const requestedMerge = z.object({
  number: z.number(),
  html_url: z.string(),
  state: z.string(),
  merged: z.boolean(),
  mergeable: z.boolean(),
  head: end,
  base: end,
});

export const branch = z.object({
  protected: z.boolean(),
  user_can_push: z.boolean(),
  user_can_merge: z.boolean().optional(),
});

/** What is switched off, Gitea says by `false`. */
export const repository = z.object({
  full_name: z.string(),
  archived: z.boolean().optional(),
  mirror: z.boolean().optional(),
  permissions: z.object({ push: z.boolean() }).nullish(),
  has_releases: z.boolean().optional(),
  has_pull_requests: z.boolean().optional(),
  allow_merge_commits: z.boolean().optional(),
});

export const branchProtection = z.object({
  rule_name: z.string().nullish(),
  branch_name: z.string().nullish(),
  enable_push: z.boolean().optional(),
  enable_push_whitelist: z.boolean().optional(),
  push_whitelist_usernames: list(z.string()),
});

export const tagProtection = z.object({
  name_pattern: z.string(),
  whitelist_usernames: list(z.string()),
  whitelist_teams: list(z.string()),
});

export const commit = z.object({ sha: z.string() });

/** The newest status of each context. */
export const combinedStatus = z.object({
  statuses: list(z.object({ context: z.string(), status: z.string(), target_url: z.string().nullish() })),
});

export const release = z.object({
  id: z.number(),
  tag_name: z.string(),
  body: z.string().nullish(),
  draft: z.boolean(),
  html_url: z.string(),
  assets: list(z.object({ name: z.string(), size: z.number(), uuid: z.string() })),
});
