import { refuse } from './failure.ts';
import type { OciRepository } from './registry.ts';

const PAGE = 1_000;
const MOST_PAGES = 100;

/**
 * Every tag of a repository, page by page (OCI distribution, "Content Discovery"); none where there is no repository.
 * @throws OciFailure
 */
export async function listTags(repository: OciRepository): Promise<string[]> {
  const tags: string[] = [];
  let path: string | undefined = `tags/list?n=${PAGE}`;
  for (let page = 0; path !== undefined; page++) {
    if (page === MOST_PAGES) {
      throw refuse(`${repository.name} has more than ${PAGE * MOST_PAGES} tags.`, 'Delete old tags.');
    }
    const answer = await repository.ask({
      doing: `list the tags of ${repository.name}`,
      method: 'GET',
      path,
      expect: [200, 404],
    });
    if (answer.status === 404) return [];
    const { tags: more } = JSON.parse(answer.body.toString('utf8')) as { tags: string[] | null };
    tags.push(...(more ?? []));
    path = /<([^>]+)>;\s*rel="?next"?/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  return tags;
}
