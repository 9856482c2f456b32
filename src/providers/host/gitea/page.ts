import { fitNotes } from '../fit-notes.ts';
import type { HostEffect, NewAsset, NewPage, PageEffects } from '../host.ts';
import { addMarker, readMarker } from '../marker.ts';
import { describeForeignPage, describeLostDraft } from '../other-page.ts';
import { digestAttachment, findGitea, type GiteaConnection, writeGitea } from './connection.ts';
import { GiteaFailure } from './failure.ts';
import { release as shape } from './shapes.ts';

/** In bytes: where Gitea runs on MySQL, the notes of a release are a column of this size. */
const LONGEST_NOTES = 65_535;

type Release = ReturnType<typeof shape.parse>;

interface Context {
  connection: GiteaConnection;
  page: NewPage;
}

/**
 * A draft, its files, its publication. A tag has one release at most, which carries our marker or is somebody else's.
 * Which release is the latest, Gitea decides by its date.
 */
export function describePage(connection: GiteaConnection, page: NewPage): PageEffects {
  const context = { connection, page };
  return {
    before: [draft(context), ...page.assets.map((asset) => upload(context, asset))],
    publish: publish(context),
    after: [],
  };
}

/** Gitea shows drafts to whoever may write. */
async function findRelease({ connection, page }: Context): Promise<Release | undefined> {
  const path = `{repo}/releases/tags/${encodeURIComponent(page.tag)}`;
  return await findGitea(connection, `look for the release ${page.tag}`, { path }, shape);
}

/** @throws GiteaFailure, retryable, when the draft is gone: the next try makes a new one. */
async function requireOurs(context: Context): Promise<Release> {
  const found = await findRelease(context);
  if (found && readMarker(found.body) === context.page.key) return found;
  throw new GiteaFailure(describeLostDraft(context.page));
}

function describeForeign({ page }: Context, found: Release) {
  return describeForeignPage(page, found.html_url, readMarker(found.body));
}

function draft(context: Context): HostEffect<undefined> {
  const { connection, page } = context;
  return {
    name: 'release-draft',
    key: `${page.key}/draft`,
    target: `draft of the release page ${page.tag}`,
    read: async () => {
      const found = await findRelease(context);
      if (found === undefined) return { is: 'absent' };
      if (readMarker(found.body) !== page.key) return describeForeign(context, found);
      return { is: 'ours', value: undefined, proof: String(found.id) };
    },
    write: async () => {
      const body = {
        tag_name: page.tag,
        // Gitea would make a tag that is not there, of the default branch.
        target_commitish: page.tag,
        name: page.title,
        body: writeNotes(page),
        draft: true,
        prerelease: page.prerelease,
      };
      await writeGitea(connection, `draft the release ${page.tag}`, {
        method: 'POST',
        path: '{repo}/releases',
        body,
      });
    },
  };
}

/** Cut by characters, since what is cut is Markdown, until its bytes fit. */
function writeNotes({ key, notes, whole, foot }: NewPage): string {
  for (let limit = LONGEST_NOTES; ; ) {
    const text = addMarker(fitNotes({ notes, whole, foot, limit }), key);
    const bytes = Buffer.byteLength(text);
    if (bytes <= LONGEST_NOTES) return text;
    limit = Math.floor((Math.min(limit, text.length) * LONGEST_NOTES) / bytes) - 1;
  }
}

function upload(context: Context, asset: NewAsset): HostEffect<undefined> {
  const { connection, page } = context;
  return {
    name: 'release-asset',
    key: `${page.key}/${asset.name}`,
    target: `${asset.name} on the release page ${page.tag}`,
    read: async () => {
      const { assets } = await requireOurs(context);
      const there = assets.filter(({ name }) => name === asset.name);
      let theirs: string | undefined;
      for (const { uuid, size } of there) {
        theirs =
          size === asset.bytes ? `sha256:${await digestAttachment(connection, uuid)}` : `${size} bytes`;
        if (theirs === asset.digest) return { is: 'ours', value: undefined, proof: theirs };
      }
      return theirs === undefined ? { is: 'absent' } : { is: 'foreign', ours: asset.digest, theirs };
    },
    write: async () => {
      const { id } = await requireOurs(context);
      const body = new FormData();
      body.set('attachment', new Blob([new Uint8Array(await asset.read())]), asset.name);
      await writeGitea(connection, `upload ${asset.name} to the release ${page.tag}`, {
        method: 'POST',
        path: `{repo}/releases/${id}/assets`,
        query: { name: asset.name },
        body,
      });
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
      const found = await findRelease(context);
      if (found === undefined) return { is: 'absent' };
      if (readMarker(found.body) !== page.key) return describeForeign(context, found);
      const { html_url: url, draft: isDraft } = found;
      return isDraft ? { is: 'absent' } : { is: 'ours', value: { url }, proof: url };
    },
    write: async () => {
      const { id } = await requireOurs(context);
      await writeGitea(connection, `publish the release ${page.tag}`, {
        method: 'PATCH',
        path: `{repo}/releases/${id}`,
        body: { draft: false },
      });
    },
  };
}
