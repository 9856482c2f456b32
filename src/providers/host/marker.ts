import { HostFailure } from './failure.ts';

/**
 * The hidden comment by which an issue, a comment or a release is found again: `<!-- windlass:KEY -->`.
 * @throws HostFailure for a key that could end the comment or hide in it
 */
export function makeMarker(key: string): string {
  if (!/^[\w.:@/+-]{1,300}$/.test(key) || key.includes('--')) {
    throw new HostFailure({
      happened: 'An effect key has characters that a hidden marker cannot carry.',
      outcome: 'unchanged',
      retryable: false,
      advice: 'This is a mistake in windlass: report it.',
    });
  }
  return `<!-- windlass:${key} -->`;
}

/** Text with its marker at the end. */
export function addMarker(text: string, key: string): string {
  return `${text.trimEnd()}\n\n${makeMarker(key)}\n`;
}

/** The key in a text's marker, if it has one; the last one counts, since ours is written at the end. */
export function readMarker(text: string | null | undefined): string | undefined {
  const found = [...(text ?? '').matchAll(/<!-- windlass:([\w.:@/+-]{1,300}) -->/g)];
  return found.at(-1)?.[1];
}

/**
 * Whether a text carries a key's marker, and `writer` wrote it: a marker that somebody else planted does not count.
 * Without an `author` (a login) anybody's does.
 */
export function isMarked(
  text: string | null | undefined,
  writer: string | undefined,
  { key, author }: { key: string; author?: string },
): boolean {
  return readMarker(text) === key && (author === undefined || writer === author);
}
