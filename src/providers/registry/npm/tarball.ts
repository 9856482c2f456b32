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
    const tar = gunzipSync(tarball, { maxOutputLength: LARGEST_UNPACKED });
    for (let at = 0; at + BLOCK <= tar.length; ) {
      const path = textField(tar, at, 100);
      if (path === '') break;
      const size = Number.parseInt(textField(tar, at + 124, 12).trim() || '0', 8);
      if (!Number.isSafeInteger(size) || size < 0) break;
      const type = String.fromCharCode(tar[at + 156] ?? 0);
      if ((type === '0' || type === '\0') && /^[^/]+\/package\.json$/.test(path)) {
        return checkManifest(JSON.parse(tar.toString('utf8', at + BLOCK, at + BLOCK + size)));
      }
      at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    }
  } catch (error) {
    throw notAPackage((error as Error).message);
  }
  throw notAPackage('it holds no package.json');
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
