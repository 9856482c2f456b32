import { fitNotes } from '../fit-notes.ts';
import type { HostEffect, NewAsset, NewPage, PageEffects } from '../host.ts';
import { makeMarker } from '../marker.ts';
import { describeForeignPage, describeLostDraft } from '../other-page.ts';
import type { GitHubConnection } from './connection.ts';
import { GitHubFailure } from './failure.ts';
import {
  createDraftRelease,
  deleteAsset,
  deleteDraftRelease,
  findReleases,
  listReleases,
  publishRelease,
  type ReleaseFacts,
  uploadAsset,
} from './releases.ts';

/** GitHub refuses a longer body of a release with 422. */
export const LONGEST_NOTES = 125_000;

interface Context {
  connection: GitHubConnection;
  page: NewPage;
}

/**
 * The release page, each effect found again by its marker or digest: a draft, its files, its publication, and the
 * removal of a second draft that a worker may have made that was given up too early.
 */
export function describePage(connection: GitHubConnection, page: NewPage): PageEffects {
  const context = { connection, page };
  return {
    before: [draft(context), ...page.assets.map((asset) => upload(context, asset))],
    publish: publish(context),
    after: [removeSpareDrafts(context)],
  };
}

/** Our page, drafted or published; the oldest, so that two workers agree on one. */
async function findOurs({ connection, page }: Context): Promise<ReleaseFacts | undefined> {
  const ours = (await findReleases(connection, page.tag)).filter(({ key }) => key === page.key);
  return ours.find((release) => !release.draft) ?? ours[0];
}

/** @throws GitHubFailure, retryable, when the draft is gone: the next try makes a new one. */
async function requireOurs(context: Context): Promise<ReleaseFacts> {
  const ours = await findOurs(context);
  if (ours) return ours;
  throw new GitHubFailure(describeLostDraft(context.page));
}

async function readForeign({ connection, page }: Context) {
  const found = await findReleases(connection, page.tag);
  const foreign = found.find((release) => release.key !== page.key && !release.draft);
  return foreign && describeForeignPage(page, foreign.url, foreign.key);
}

function draft(context: Context): HostEffect<undefined> {
  const { connection, page } = context;
  return {
    name: 'release-draft',
    key: `${page.key}/draft`,
    target: `draft of the release page ${page.tag}`,
    read: async () => {
      const foreign = await readForeign(context);
      if (foreign) return foreign;
      const ours = await findOurs(context);
      return ours ? { is: 'ours', value: undefined, proof: String(ours.id) } : { is: 'absent' };
    },
    write: async () => {
      const { notes, whole, foot } = page;
      // The marker comes after an empty line, with one line end behind it.
      const limit = LONGEST_NOTES - makeMarker(page.key).length - 3;
      await createDraftRelease(connection, {
        key: page.key,
        tag: page.tag,
        commit: page.tag,
        name: page.title,
        notes: fitNotes({ notes, whole, foot, limit }),
        prerelease: page.prerelease,
      });
    },
  };
}

function upload(context: Context, asset: NewAsset): HostEffect<undefined> {
  const { connection, page } = context;
  const find = async () => {
    const release = await requireOurs(context);
    return { release, there: release.assets.find(({ name }) => name === asset.name) };
  };
  return {
    name: 'release-asset',
    key: `${page.key}/${asset.name}`,
    target: `${asset.name} on the release page ${page.tag}`,
    read: async () => {
      const { there } = await find();
      // Half an upload is nobody's: the write clears it away.
      if (!there?.complete) return { is: 'absent' };
      const theirs = there.digest ?? `a file of ${there.size} bytes`;
      const same = there.digest === null ? there.size === asset.bytes : theirs === asset.digest;
      return same
        ? { is: 'ours', value: undefined, proof: theirs }
        : { is: 'foreign', ours: asset.digest, theirs };
    },
    write: async () => {
      const { release, there } = await find();
      if (there && !there.complete) await deleteAsset(connection, there.id);
      await uploadAsset(connection, { release, name: asset.name, bytes: await asset.read() });
    },
  };
}

function publish(context: Context): HostEffect<{ url: string }> {
  const { connection, page } = context;
  return {
    name: 'release-page',
    key: page.key,
    target: `release page ${page.tag}`,
    read: async () => {
      const foreign = await readForeign(context);
      if (foreign) return foreign;
      const ours = await findOurs(context);
      return ours && !ours.draft
        ? { is: 'ours', value: { url: ours.url }, proof: ours.url }
        : { is: 'absent' };
    },
    write: async () => {
      const { id } = await requireOurs(context);
      // Whatever is not told, GitHub calls "Latest" what was published last: the patch of an old line, say.
      const published = (await listReleases(connection)).filter((one) => !one.draft && !one.prerelease);
      const makeLatest = !page.prerelease && page.isNewest(published.map(({ tag }) => tag));
      await publishRelease(connection, { id, tag: page.tag, makeLatest });
    },
  };
}

function removeSpareDrafts({ connection, page }: Context): HostEffect<undefined> {
  const find = async () =>
    (await findReleases(connection, page.tag)).filter(({ key, draft }) => key === page.key && draft);
  return {
    name: 'release-spare-drafts',
    key: `${page.key}/spare-drafts`,
    target: `spare drafts of ${page.tag}`,
    read: async () =>
      (await find()).length === 0 ? { is: 'ours', value: undefined, proof: 'none' } : { is: 'absent' },
    write: async () => {
      for (const { id } of await find()) await deleteDraftRelease(connection, id);
    },
  };
}
