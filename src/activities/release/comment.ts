import type { ReleaseActivities } from '../../contracts/activities.ts';
import { createMarkedComment, findMarkedComment } from '../../integrations/github/issues.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct } from '../deps.ts';
import { fail } from '../fail.ts';
import { performEffect } from '../perform-effect.ts';
import { connectGitHub, readAuthor } from './connect-github.ts';

/** Comments on an issue or a pull request, once per key: the comment's hidden marker tells it from all others. */
export function comment(deps: ActivityDeps): ReleaseActivities['comment'] {
  return async ({ product: name, key, number, body }) => {
    const { github: settings } = findProduct(deps, name);
    if (!settings) {
      throw fail('Mistake', {
        what: `${name} has no host with issues and pull requests`,
        changed: 'nothing',
        next: 'configure github, then retry',
      });
    }
    const github = connectGitHub(deps, settings);
    const author = await readAuthor(github);
    return await performEffect(deps, {
      name: 'comment',
      key,
      target: `comment on #${number}`,
      read: async () => {
        const url = await findMarkedComment(github, { number, key, ...author });
        return url === undefined ? { is: 'absent' } : { is: 'ours', value: { url }, proof: url };
      },
      write: async () => {
        await createMarkedComment(github, { number, key, body });
      },
    });
  };
}
