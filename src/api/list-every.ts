import type { ReleaseFilter, ReleaseListing, WorkflowGateway } from './gateway.ts';

const PAGE = 100;

/** Every line of the list, page by page, up to `most`; `more` says how many there are beyond. */
export async function listEvery(
  gateway: Pick<WorkflowGateway, 'listReleases' | 'countReleases'>,
  filter: Omit<ReleaseFilter, 'limit' | 'cursor'>,
  most: number,
): Promise<{ releases: ReleaseListing[]; more: number }> {
  const releases: ReleaseListing[] = [];
  let cursor: string | undefined;
  do {
    const page = await gateway.listReleases({
      ...filter,
      limit: Math.min(PAGE, most - releases.length),
      ...(cursor === undefined ? {} : { cursor }),
    });
    releases.push(...page.releases);
    cursor = page.cursor;
  } while (cursor !== undefined && releases.length < most);
  if (cursor === undefined) return { releases, more: 0 };
  return { releases, more: Math.max(0, (await gateway.countReleases(filter)) - releases.length) };
}

/** One page of the list; the first one says how many there are beyond it. */
export async function listPage(
  gateway: Pick<WorkflowGateway, 'listReleases' | 'countReleases'>,
  filter: Omit<ReleaseFilter, 'limit' | 'cursor'>,
  limit: number,
  cursor: string | undefined,
): Promise<{ releases: ReleaseListing[]; cursor?: string; more?: number }> {
  const page = await gateway.listReleases({ ...filter, limit, ...(cursor === undefined ? {} : { cursor }) });
  if (cursor !== undefined || page.cursor === undefined) return page;
  return { ...page, more: Math.max(0, (await gateway.countReleases(filter)) - page.releases.length) };
}
