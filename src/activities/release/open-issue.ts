import { createHash } from 'node:crypto';
import type { ReleaseActivities } from '../../contracts/activities.ts';
import { openGitHub } from '../../integrations/github/connection.ts';
import { createMarkedIssue, findMarkedIssue } from '../../integrations/github/issues.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct, takeSecret } from '../deps.ts';
import { performEffect } from '../perform-effect.ts';

/** Opens an issue on the product's host; where none is configured, as a file in the store. Once per key. */
export function openIssue(deps: ActivityDeps): ReleaseActivities['openIssue'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const spec = { name: 'issue', key: input.key, target: `issue "${input.title}"` };
    if (!product.github) {
      const name = `issues/${product.name}/${createHash('sha256').update(input.key).digest('hex').slice(0, 16)}.md`;
      const text = `# ${input.title}\n\n${input.body}\n\nLabels: ${input.labels.join(', ')}\n`;
      return await performEffect(deps, {
        ...spec,
        read: async () => {
          const found = await deps.store.readNamed(name);
          return found ? { is: 'ours', value: { url: `store:${name}` }, proof: name } : { is: 'absent' };
        },
        write: () => deps.store.putNamed(name, Buffer.from(text)),
      });
    }
    const { apiUrl, token, owner, repo } = product.github;
    const github = openGitHub({ apiUrl, token: takeSecret(deps, token), owner, repo, signal: deps.signal() });
    return await performEffect(deps, {
      ...spec,
      read: async () => {
        const found = await findMarkedIssue(github, { key: input.key });
        return found
          ? { is: 'ours', value: { url: found.url }, proof: `#${found.number}` }
          : { is: 'absent' };
      },
      write: async () => {
        await createMarkedIssue(github, {
          key: input.key,
          title: input.title,
          body: input.body,
          labels: input.labels,
        });
      },
    });
  };
}
