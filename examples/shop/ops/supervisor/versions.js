import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Version folders that are kept beside those in use, for rolling back without the artifact. */
const KEPT_FOLDERS = 3;

/**
 * @param {string} file
 * @returns {string} hex
 */
export function sha256OfFile(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/**
 * Unpacks an artifact to DIR/versions/<version>-<digest8>. The folder appears whole or not at all, so one that is
 * there need not be unpacked again.
 * @param {string} root
 * @param {{ version: string, artifact: string, digest?: string | undefined }} release digest as `sha256:<hex>`
 * @returns {Promise<string>} the folder's name
 */
export async function unpackVersion(root, { version, artifact, digest }) {
  if (!existsSync(artifact)) throw new Error(`The artifact ${artifact} does not exist.`);
  const sha256 = sha256OfFile(artifact);
  if (digest && digest !== `sha256:${sha256}`)
    throw new Error(
      `The artifact's digest is sha256:${sha256}, but ${digest} was released. Nothing was deployed.`,
    );
  const folder = `${version}-${sha256.slice(0, 8)}`;
  const target = path.join(root, 'versions', folder);
  if (existsSync(target)) return folder;

  const temporary = mkdtempSync(path.join(root, 'versions', '.unpacking-'));
  try {
    await run('tar', ['-xzf', artifact, '-C', temporary, '--strip-components=1', '--no-same-owner']);
    const packed = JSON.parse(readFileSync(path.join(temporary, 'package.json'), 'utf8')).version;
    if (packed !== version)
      throw new Error(`The artifact holds version ${packed}, not ${version}. Nothing was deployed.`);
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return folder;
}

/**
 * Finds the folder of a version that was deployed before.
 * @param {string} root
 * @param {string[]} folders the last used one last
 * @param {string} version
 * @returns {string | undefined}
 */
export function findKeptFolder(root, folders, version) {
  return folders.findLast(
    (folder) =>
      folder.slice(0, folder.lastIndexOf('-')) === version && existsSync(path.join(root, 'versions', folder)),
  );
}

/**
 * Removes version folders that are neither in use nor among the last few, and leftovers of a crash.
 * @param {string} root
 * @param {string[]} folders the last used one last
 * @param {Set<string>} inUse
 */
export function pruneVersions(root, folders, inUse) {
  const keep = new Set([...folders.slice(-KEPT_FOLDERS), ...inUse]);
  for (const name of readdirSync(path.join(root, 'versions')))
    if (!keep.has(name)) rmSync(path.join(root, 'versions', name), { recursive: true, force: true });
}

/**
 * @param {string} root
 */
export function makeFolders(root) {
  for (const name of ['versions', 'backups', 'logs']) mkdirSync(path.join(root, name), { recursive: true });
}
