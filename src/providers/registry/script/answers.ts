import { createHash } from 'node:crypto';
import { RegistryMistake } from '../failure.ts';

/** A file of a version, as registry and store both know it. */
export interface NamedDigest {
  name: string;
  /** `sha256:` and 64 hexadecimal digits. */
  digest: string;
}

/** What `find` says of a version that is there. */
export interface FoundVersion {
  files: NamedDigest[];
  url?: string;
  /** Every channel of the package with the version that it is at; absent where the registry has no channels. */
  channels?: Record<string, string>;
  /** Whether it is yanked or deprecated; absent where the registry knows no such thing. */
  withdrawn?: boolean;
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** A name that is one segment of a path on every system. */
export const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._+@=-]{0,199}$/;

/**
 * The answer of `find`, held to its form: whatever is said to be there has a digest, since nothing else proves whose
 * bytes they are.
 * @throws RegistryMistake that names what is missing
 */
export function readFound(output: Record<string, unknown>, registry: string): FoundVersion | undefined {
  if (output['found'] === false) return undefined;
  if (output['found'] !== true) throw badAnswer(registry, 'find', '{"found": true} or {"found": false}');
  const files = output['files'];
  if (!Array.isArray(files) || files.length === 0 || !files.every(isNamedDigest)) {
    throw badAnswer(registry, 'find', '"files" with a "name" and a "digest" (sha256:…) each');
  }
  const { url, channels, withdrawn } = output;
  if (channels !== undefined && !isTexts(channels)) {
    throw badAnswer(registry, 'find', '"channels" as a map from channel to version');
  }
  return {
    files: files.map(({ name, digest }) => ({ name, digest })),
    ...(typeof url === 'string' && URL.canParse(url) ? { url } : {}),
    ...(channels === undefined ? {} : { channels }),
    ...(typeof withdrawn === 'boolean' ? { withdrawn } : {}),
  };
}

/** Texts under a key, where the program wrote any; what it does not know it may leave out. */
export function readTexts(output: Record<string, unknown>, key: string): string[] {
  const texts = output[key];
  return Array.isArray(texts) ? texts.filter((text): text is string => typeof text === 'string') : [];
}

/** One digest for all files: that of the only one, else that of the list as `sha256sum *` prints it. */
export function digestOfFiles(files: readonly NamedDigest[]): string {
  const [only, ...more] = files;
  if (only !== undefined && more.length === 0) return only.digest;
  const lines = files
    .map(({ name, digest }) => `${digest.replace('sha256:', '')}  ${name}\n`)
    .sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1));
  return `sha256:${createHash('sha256').update(lines.join('')).digest('hex')}`;
}

/** What the program wrote is not what the verb asks for. */
export function badAnswer(registry: string, verb: string, expected: string): RegistryMistake {
  return new RegistryMistake(
    `The program of registries.${registry} did not answer "${verb}" as it has to: expected ${expected} in WINDLASS_OUTPUT.`,
    'Mend the program on the release branch (docs/registries.md shows each answer), then retry.',
  );
}

function isNamedDigest(value: unknown): value is NamedDigest {
  const { name, digest } = (value ?? {}) as Partial<NamedDigest>;
  return (
    typeof name === 'string' && FILE_NAME.test(name) && typeof digest === 'string' && DIGEST.test(digest)
  );
}

function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}
