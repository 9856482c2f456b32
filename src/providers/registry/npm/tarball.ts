import { gunzipSync } from 'node:zlib';
import { NpmFailure } from './failure.ts';

/** A packed package's own package.json. */
export interface PackedManifest {
  name: string;
  version: string;
  [field: string]: unknown;
}

const BLOCK = 512;
const LARGEST_UNPACKED = 2 * 1024 * 1024 * 1024;

/**
 * Reads package.json out of a packed tarball (gzipped ustar; the first folder's name is free, as npm allows).
 * @throws NpmFailure when the file is no package
 */
export function readPackedManifest(tarball: Buffer): PackedManifest {
  try {
    for (const { path, bytes } of eachFile(tarball)) {
      if (path === 'package.json') return checkManifest(JSON.parse(bytes.toString('utf8')));
    }
  } catch (error) {
    throw notAPackage((error as Error).message);
  }
  throw notAPackage('it holds no package.json');
}

/** The files of a packed tarball, by their paths in the package. */
export function listPackedFiles(tarball: Buffer): string[] {
  return [...eachFile(tarball)].map(({ path }) => path);
}

/** The README in the package's root, as npm sends it along for the registry to show. */
export function readPackedReadme(tarball: Buffer): { name: string; text: string } | undefined {
  const found = [...eachFile(tarball)].filter(({ path }) => /^readme(?:\.[a-z]+)?$/i.test(path));
  const best = found.find(({ path }) => /\.(?:md|markdown)$/i.test(path)) ?? found[0];
  return best && { name: best.path, text: best.bytes.toString('utf8') };
}

function* eachFile(tarball: Buffer): Generator<{ path: string; bytes: Buffer }> {
  const tar = gunzipSync(tarball, { maxOutputLength: LARGEST_UNPACKED });
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const name = textField(tar, at, 100);
    if (name === '') return;
    const size = Number.parseInt(textField(tar, at + 124, 12).trim() || '0', 8);
    if (!Number.isSafeInteger(size) || size < 0) return;
    const type = String.fromCharCode(tar[at + 156] ?? 0);
    const prefix = textField(tar, at + 257, 5) === 'ustar' ? textField(tar, at + 345, 155) : '';
    const path = (prefix === '' ? name : `${prefix}/${name}`).replace(/^[^/]+\//, '');
    if (type === '0' || type === '\0') {
      yield { path, bytes: tar.subarray(at + BLOCK, at + BLOCK + size) };
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}

function checkManifest(value: unknown): PackedManifest {
  const manifest = value as PackedManifest | null;
  if (typeof manifest?.name === 'string' && typeof manifest.version === 'string') return manifest;
  throw new Error('its package.json has no name or version');
}

function textField(tar: Buffer, start: number, length: number): string {
  const field = tar.toString('latin1', start, start + length);
  const end = field.indexOf('\0');
  return end < 0 ? field : field.slice(0, end);
}

function notAPackage(reason: string): NpmFailure {
  return new NpmFailure({
    happened: `The file is not a packed npm package: ${reason}.`,
    outcome: 'unchanged',
    retryable: false,
    advice: 'Pack it again with `npm pack`.',
  });
}
