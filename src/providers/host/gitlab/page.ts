import { orNothing } from '../failure.ts';
import { fitNotes } from '../fit-notes.ts';
import type { HostEffect, NewAsset, NewPage, PageEffects } from '../host.ts';
import { addMarker, makeMarker, readMarker } from '../marker.ts';
import { describeForeignPage } from '../other-page.ts';
import { type GitLabConnection, putFile, readGitLab, writeGitLab } from './connection.ts';

/** GitLab refuses a longer description of a release. */
export const LONGEST_NOTES = 1_000_000;

/**
 * GitLab has no drafts: first the files, into the project's generic packages, then the release with links to them, in
 * one request. Which release is the latest, GitLab decides by its date.
 */
export function describePage(connection: GitLabConnection, page: NewPage): PageEffects {
  return {
    before: page.assets.map((asset) => upload(connection, page, asset)),
    publish: publish(connection, page),
    after: [],
  };
}

/** Where a file of the page is kept; a package's version takes fewer characters than a tag. */
function placeOf(connection: GitLabConnection, { tag }: NewPage, file: string) {
  const name = connection.project.split('/').at(-1) ?? '';
  const version = tag.replace(/[^\w.+-]/g, '-');
  const path = ['packages', 'generic', name, version, file].map(encodeURIComponent).join('/');
  return { name, version, path };
}

/** The SHA-256 of the file that is there, in hexadecimal; of several the one that GitLab gives out, the last. */
async function readDigest(
  connection: GitLabConnection,
  page: NewPage,
  file: string,
): Promise<string | undefined> {
  const { name, version } = placeOf(connection, page, file);
  const doing = `look for ${file} of ${page.tag}`;
  const packages = await readGitLab(connection, doing, (api, projectId) =>
    api.packages.all({
      projectId,
      packageType: 'generic',
      packageName: name,
      packageVersion: version,
      perPage: 100,
    } as { projectId: string }),
  );
  // The name is looked for as a part of names.
  const found = packages.find((one) => one.name === name && one.version === version);
  if (found === undefined) return undefined;
  const files = await readGitLab(connection, doing, (api, project) =>
    api.packages.allFiles(project, found.id, { perPage: 100 } as object),
  );
  const there = files.filter((one) => one.file_name === file).sort((a, b) => a.id - b.id);
  return (there.at(-1) as { file_sha256?: string } | undefined)?.file_sha256;
}

function upload(connection: GitLabConnection, page: NewPage, asset: NewAsset): HostEffect<undefined> {
  return {
    name: 'release-asset',
    key: `${page.key}/${asset.name}`,
    target: `${asset.name} for the release page ${page.tag}`,
    read: async () => {
      const found = await readDigest(connection, page, asset.name);
      if (found === undefined) return { is: 'absent' };
      const theirs = `sha256:${found}`;
      return theirs === asset.digest
        ? { is: 'ours', value: undefined, proof: theirs }
        : { is: 'foreign', ours: asset.digest, theirs };
    },
    write: async () => {
      const { path } = placeOf(connection, page, asset.name);
      await putFile(connection, `upload ${asset.name} of ${page.tag}`, path, await asset.read());
    },
  };
}

function publish(connection: GitLabConnection, page: NewPage): HostEffect<{ url: string }> {
  return {
    name: 'release-page',
    key: page.key,
    target: `release page ${page.tag}`,
    read: async () => {
      const release = await findRelease(connection, page.tag);
      if (release === undefined) return { is: 'absent' };
      const key = readMarker(release.description);
      const { self: url } = release._links;
      if (key === page.key) return { is: 'ours', value: { url }, proof: url };
      return describeForeignPage(page, url, key);
    },
    write: async () => {
      const { notes, whole, foot } = page;
      const limit = LONGEST_NOTES - makeMarker(page.key).length - 3;
      const description = addMarker(fitNotes({ notes, whole, foot, limit }), page.key);
      const links = page.assets.map(({ name }) => ({
        name,
        url: `${connection.apiUrl}/projects/${encodeURIComponent(connection.project)}/${placeOf(connection, page, name).path}`,
        link_type: 'package',
        direct_asset_path: `/${name}`,
      }));
      await writeGitLab(connection, `publish the release ${page.tag}`, (api, project) =>
        api.releases.create(project, {
          name: page.title,
          tag_name: page.tag,
          description,
          assets: { links },
        } as object),
      );
    },
  };
}

async function findRelease(connection: GitLabConnection, tag: string) {
  return await orNothing(
    readGitLab(connection, `look for the release ${tag}`, (api, project) => api.releases.show(project, tag)),
  );
}
