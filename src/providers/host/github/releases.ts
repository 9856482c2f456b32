import { createHash } from 'node:crypto';
import { addMarker, readMarker } from '../marker.ts';
import { type GitHubConnection, readGitHub, writeGitHub } from './connection.ts';
import { GitHubFailure } from './failure.ts';

export interface ReleaseFacts {
  id: number;
  tag: string;
  name: string;
  /** The notes, without our marker. */
  notes: string;
  /** Whose release it is: the key in its marker; undefined for one made by hand. */
  key: string | undefined;
  draft: boolean;
  prerelease: boolean;
  /** The page for people. */
  url: string;
  uploadUrl: string;
  assets: AssetFacts[];
}

export interface AssetFacts {
  id: number;
  name: string;
  size: number;
  /** `sha256:…`; null where the server is too old to say. */
  digest: string | null;
  /** False for what a broken upload left behind: delete it and upload again. */
  complete: boolean;
}

interface ListedRelease {
  id: number;
  tag_name: string;
  name: string | null;
  body?: string | null;
  draft: boolean;
  prerelease: boolean;
  html_url: string;
  upload_url: string;
  assets: { id: number; name: string; size: number; digest?: string | null; state: string }[];
}

/**
 * Every release, drafts included, oldest first.
 * @throws GitHubFailure
 */
export async function listReleases(
  connection: GitHubConnection,
  doing = 'list the releases',
): Promise<ReleaseFacts[]> {
  const listed = await readGitHub(connection, doing, (octokit, target) =>
    octokit.paginate(octokit.rest.repos.listReleases, { ...target, per_page: 100 }),
  );
  return (listed as ListedRelease[]).sort((a, b) => a.id - b.id).map(readRelease);
}

/**
 * Every release of a tag, drafts included, oldest first; GitHub lets several drafts share one tag. Found by
 * listing, since asking by tag shows no drafts.
 * @throws GitHubFailure
 */
export async function findReleases(connection: GitHubConnection, tag: string): Promise<ReleaseFacts[]> {
  const all = await listReleases(connection, `look for the release ${tag}`);
  return all.filter((release) => release.tag === tag);
}

/**
 * Creates a draft with its marker: invisible to the public until `publishRelease`.
 * @throws GitHubFailure
 */
export async function createDraftRelease(
  connection: GitHubConnection,
  release: { key: string; tag: string; commit: string; name: string; notes: string; prerelease: boolean },
): Promise<ReleaseFacts> {
  const { data } = await writeGitHub(connection, `draft the release ${release.tag}`, (octokit, target) =>
    octokit.rest.repos.createRelease({
      ...target,
      tag_name: release.tag,
      target_commitish: release.commit,
      name: release.name,
      body: addMarker(release.notes, release.key),
      draft: true,
      prerelease: release.prerelease,
    }),
  );
  return readRelease(data);
}

/**
 * Uploads one file. `already_there`: a file of this name is there with these very bytes.
 * @throws GitHubFailure also when a file of this name holds other bytes (both digests are named)
 */
export async function uploadAsset(
  connection: GitHubConnection,
  upload: { release: ReleaseFacts; name: string; bytes: Buffer; contentType?: string },
): Promise<'uploaded' | 'already_there'> {
  const doing = `upload ${upload.name} to the release ${upload.release.tag}`;
  // GitHub renames files with other characters silently, and they would not be found again.
  if (!/^[A-Za-z0-9_][\w.-]*$/.test(upload.name)) {
    throw new GitHubFailure({
      happened: `Could not ${doing}: the name has characters that GitHub replaces.`,
      outcome: 'unchanged',
      retryable: false,
      advice: 'Use letters, digits, dots, hyphens and underscores only.',
    });
  }
  const url = checkUploadUrl(connection, upload.release.uploadUrl);
  try {
    await writeGitHub(connection, doing, (octokit, target) =>
      octokit.request({
        method: 'POST',
        url,
        request: target.request,
        headers: { 'content-type': upload.contentType ?? 'application/octet-stream' },
        name: upload.name,
        data: upload.bytes,
      }),
    );
    return 'uploaded';
  } catch (error) {
    if (!(error instanceof GitHubFailure) || error.status !== 422) throw error;
    return await compareAsset(connection, upload, error);
  }
}

/**
 * Publishes a draft. GitHub creates the tag at the draft's commit if it is not there yet.
 * @throws GitHubFailure
 */
export async function publishRelease(
  connection: GitHubConnection,
  release: { id: number; tag: string; makeLatest: boolean },
): Promise<ReleaseFacts> {
  const { data } = await writeGitHub(connection, `publish the release ${release.tag}`, (octokit, target) =>
    octokit.rest.repos.updateRelease({
      ...target,
      release_id: release.id,
      draft: false,
      make_latest: release.makeLatest ? 'true' : 'false',
    }),
  );
  return readRelease(data);
}

/**
 * Deletes a release that is still a draft (an aborted one's clean-up); one that is gone already counts as deleted.
 * @throws GitHubFailure also for a published release, which is never deleted
 */
export async function deleteDraftRelease(connection: GitHubConnection, id: number): Promise<void> {
  const doing = 'delete a draft release';
  try {
    const { data } = await readGitHub(connection, doing, (octokit, target) =>
      octokit.rest.repos.getRelease({ ...target, release_id: id }),
    );
    if (!data.draft) {
      throw new GitHubFailure({
        happened: `Could not ${doing}: ${data.tag_name} is published.`,
        outcome: 'unchanged',
        retryable: false,
        advice: 'A published release stays; a rollback is told in its notes.',
      });
    }
    await writeGitHub(connection, doing, (octokit, target) =>
      octokit.rest.repos.deleteRelease({ ...target, release_id: id }),
    );
  } catch (error) {
    if (!(error instanceof GitHubFailure) || error.status !== 404) throw error;
  }
}

/**
 * Deletes what a broken upload left behind (`complete: false`).
 * @throws GitHubFailure
 */
export async function deleteAsset(connection: GitHubConnection, assetId: number): Promise<void> {
  await writeGitHub(connection, 'delete an incomplete file of a release', (octokit, target) =>
    octokit.rest.repos.deleteReleaseAsset({ ...target, asset_id: assetId }),
  );
}

/** The form in which GitHub states a file's digest. */
export function digestOfAsset(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function compareAsset(
  connection: GitHubConnection,
  upload: { release: ReleaseFacts; name: string; bytes: Buffer },
  refusal: GitHubFailure,
): Promise<'already_there'> {
  const assets = await readGitHub(connection, `read the files of ${upload.release.tag}`, (octokit, target) =>
    octokit.paginate(octokit.rest.repos.listReleaseAssets, {
      ...target,
      release_id: upload.release.id,
      per_page: 100,
    }),
  );
  const there = assets.find((asset) => asset.name === upload.name);
  if (!there) throw refusal;
  const ours = digestOfAsset(upload.bytes);
  if (there.state === 'uploaded' && there.digest === ours) return 'already_there';
  const theirs =
    there.state === 'uploaded'
      ? (there.digest ?? 'a digest that the server does not tell')
      : 'half an upload';
  throw new GitHubFailure({
    happened: `${upload.name} is in the release ${upload.release.tag} already, with other content: there ${theirs}, ours ${ours}.`,
    outcome: 'unchanged',
    retryable: false,
    advice: 'Look at who uploaded it; delete it on the release’s page if it should not be there, then retry.',
    status: 422,
  });
}

/** The upload address of GitHub's answer, if it is GitHub's: the token goes there. */
function checkUploadUrl(connection: GitHubConnection, uploadUrl: string): string {
  const plain = uploadUrl.replace(/\{.*$/, '');
  const { host, protocol } = connection.apiUrl;
  const allowed = [host, host.replace(/^api\./, 'uploads.')];
  const url = URL.canParse(plain) ? new URL(plain) : undefined;
  if (url && url.protocol === protocol && allowed.includes(url.host)) return `${plain}{?name}`;
  throw new GitHubFailure({
    happened: 'The release’s upload address is not at GitHub’s own host.',
    outcome: 'unchanged',
    retryable: false,
    advice: 'Check `github.api_url`: what answers there may not be GitHub.',
  });
}

function readRelease(release: ListedRelease): ReleaseFacts {
  const key = readMarker(release.body);
  const notes = release.body ?? '';
  return {
    id: release.id,
    tag: release.tag_name,
    name: release.name ?? '',
    notes: key === undefined ? notes : notes.slice(0, notes.lastIndexOf('<!-- windlass:')).trimEnd(),
    key,
    draft: release.draft,
    prerelease: release.prerelease,
    url: release.html_url,
    uploadUrl: release.upload_url,
    assets: release.assets.map(({ id, name, size, digest, state }) => ({
      id,
      name,
      size,
      digest: digest ?? null,
      complete: state === 'uploaded',
    })),
  };
}
