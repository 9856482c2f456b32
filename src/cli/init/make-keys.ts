import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepOutOfGit } from '../../integrations/process/isolation.ts';
import { publicKeyOf } from '../../integrations/signing/signing.ts';
import type { NamedPerson } from './answers.ts';

/** Where keys lie, from the configuration's folder: where `windlass dev` has its own. */
export const KEYS_FOLDER = '.windlass/keys';

export interface Keys {
  /** The 32 bytes of the Ed25519 public key, in base64. */
  verifyKey: string;
  /** SHA-256 of each person's token, in hexadecimal. */
  tokenDigests: Map<string, string>;
  /** What is new, by file name. */
  made: Map<string, string>;
}

/**
 * A signing key, a key for session cookies, and a token for each person: those that are there already, or new ones
 * that `writeKeys` has still to write.
 */
export function prepareKeys(top: string, people: readonly NamedPerson[]): Keys {
  const made = new Map<string, string>();
  const take = (name: string, make: () => string): string => {
    try {
      return readFileSync(join(top, KEYS_FOLDER, name), 'utf8').trim();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      const value = make().trim();
      made.set(name, value);
      return value;
    }
  };
  const signing = take('signing-key.pem', () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
  take('cookie-key', () => randomBytes(32).toString('base64url'));
  const tokenDigests = new Map(
    people.map(({ login }) => {
      const token = take(`token-${login}`, () => randomBytes(24).toString('base64url'));
      return [login, createHash('sha256').update(token).digest('hex')] as const;
    }),
  );
  return { verifyKey: publicKeyOf(signing), tokenDigests, made };
}

/** Writes what is new into a folder that only this user can enter, and git never sees. Nothing there is overwritten. */
export async function writeKeys(top: string, { made }: Keys): Promise<void> {
  const folder = join(top, KEYS_FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await keepOutOfGit(folder);
  for (const [name, value] of made)
    writeFileSync(join(folder, name), `${value}\n`, { mode: 0o600, flag: 'wx' });
}
