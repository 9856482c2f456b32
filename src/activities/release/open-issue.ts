import { createHash } from 'node:crypto';
import type { Effect, ReleaseActivities } from '../../contracts/activities.ts';
import { createMarkedIssue, findMarkedIssue } from '../../providers/host/github/issues.ts';
import type { GitHubSettings } from '../../release/settings.ts';
import type { StoreRef } from '../../release/store-ref.ts';
import { cutText } from '../../release/views/markdown.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct } from '../deps.ts';
import { performEffect } from '../perform-effect.ts';
import { connectGitHub, readAuthor } from './connect-github.ts';

/** GitHub takes 65,536 characters; the marker needs a few of them. */
const LONGEST_BODY = 60_000;

type IssueInput = Omit<Parameters<ReleaseActivities['openIssue']>[0], 'appendix'>;

/** Opens an issue on the product's host; where none is configured, as a file in the store. Once per key. */
export function openIssue(deps: ActivityDeps): ReleaseActivities['openIssue'] {
  return async (input) => {
    const { github } = findProduct(deps, input.product);
    const { appendix, ...issue } = input;
    if (appendix) issue.body = cutText(`${issue.body}\n\n${await readText(deps, appendix)}`, LONGEST_BODY);
    return github ? await openOnHost(deps, github, issue) : await keepAsFile(deps, issue);
  };
}

async function readText(deps: ActivityDeps, ref: StoreRef): Promise<string> {
  return new TextDecoder().decode(await deps.store.read(ref));
}

async function openOnHost(
  deps: ActivityDeps,
  settings: GitHubSettings,
  input: IssueInput,
): Promise<Effect<{ url: string }>> {
  const github = connectGitHub(deps, settings);
  const author = await readAuthor(github);
  return await performEffect(deps, {
    name: 'issue',
    key: input.key,
    target: `issue "${input.title}"`,
    read: async () => {
      const found = await findMarkedIssue(github, { key: input.key, ...author });
      return found ? { is: 'ours', value: { url: found.url }, proof: `#${found.number}` } : { is: 'absent' };
    },
    write: async () => {
      const { key, title, body, labels } = input;
      await createMarkedIssue(github, { key, title, body, labels });
    },
  });
}

async function keepAsFile(deps: ActivityDeps, input: IssueInput): Promise<Effect<{ url: string }>> {
  const mark = createHash('sha256').update(input.key).digest('hex').slice(0, 16);
  const name = `issues/${input.product}/${mark}.md`;
  return await performEffect(deps, {
    name: 'issue-file',
    key: input.key,
    target: `issue "${input.title}"`,
    read: async () => {
      const found = await deps.store.readNamed(name);
      return found ? { is: 'ours', value: { url: `store:${name}` }, proof: name } : { is: 'absent' };
    },
    write: () =>
      deps.store.putNamed(
        name,
        Buffer.from(`# ${input.title}\n\n${input.body}\n\nLabels: ${input.labels.join(', ')}\n`),
      ),
  });
}
