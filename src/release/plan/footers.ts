/** The footers of a commit message: what breaks, who helped, what version is demanded. */
import type { Person } from './history.ts';
import { isVersion } from './version.ts';

const BREAKING =
  /^[ \t]{0,3}(?:[*|-][ \t]+)?(?:\*\*)?BREAKING[ -]CHANGES?(?:\([^()\n]{0,200}\))?(?:\*\*)?[ \t]*:(.*)$/i;
/** Without the colon only in capitals and the singular; the parsers of conventional-changelog take it so too. */
const BREAKING_WITHOUT_COLON = /^[ \t]{0,3}(?:[*|-][ \t]+)?BREAKING[ -]CHANGE(?:[ \t]+(\S.*))?$/;
/** Lines that end the text of a note: trailers with a hyphen in the token, issue keywords, quoted commits, rules. */
const END_OF_NOTE =
  /^(?:[A-Z][A-Za-z]*(?:-[A-Za-z]+)+:[ \t]|(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|refs?|see|relates? to|issue)\b:?[ \t]*(?:[\w./-]*[#!]\d|https?:|GH-\d)|Cc:|Acked:|-{3,}[ \t]*$|[*-][ \t]+[a-z]+(?:\([^)]*\))?!?:[ \t])/i;
const NOTHING = /^(?:none|no|nothing|n\/?a|not applicable|false|-+)[.!]?$/i;

/**
 * The notes of every `BREAKING CHANGE:` or `BREAKING-CHANGE:` footer, with their further lines and paragraphs.
 *
 * A template's "BREAKING CHANGE: none" breaks nothing. What follows a dependency's quoted release notes speaks of
 * the dependency, not of this product, so it is not read.
 *
 * @param body the message after its subject, line feeds only
 */
export function findBreakingNotes(body: string): string[] {
  // Plain text is found many times as quickly as a pattern that ignores case, and this runs over every body there is.
  if (!body.includes('BREAKING') && !body.includes('reaking')) return [];
  const notes: string[] = [];
  let note: string[] | null = null;
  const finish = () => {
    const text = note?.join('\n').trim() ?? '';
    if (note !== null && !NOTHING.test(text)) notes.push(text);
    note = null;
  };
  for (const line of body.split('\n')) {
    if (/^(?:#{1,6}[ \t]*release notes|<details>|<blockquote>)/i.test(line)) break;
    const start = BREAKING.exec(line) ?? BREAKING_WITHOUT_COLON.exec(line);
    if (start !== null) {
      finish();
      note = [(start[1] ?? '').trim()];
    } else if (note !== null) {
      if (END_OF_NOTE.test(line)) finish();
      else (note as string[]).push(line.trimEnd());
    }
  }
  finish();
  return notes.filter((text) => text !== '' || notes.length === 1);
}

export interface Trailers {
  releaseAs: string | null;
  /** Whether Windlass itself made the commit. */
  releaseId: boolean;
  coAuthors: Person[];
}

/** Reads the trailers that planning needs, wherever a squash has buried them: at line starts, indented or listed. */
export function findTrailers(body: string): Trailers {
  const trailers: Trailers = { releaseAs: null, releaseId: false, coAuthors: [] };
  if (body === '') return trailers;
  if (body.includes('elease-') || body.includes('ELEASE-')) readReleaseTrailers(body, trailers);
  if (body.includes('uthored-') || body.includes('UTHORED-')) {
    for (const match of body.matchAll(
      /^[ \t]*Co-authored-by:[ \t]*([^<\n]{1,200}?)[ \t]*<([^>\n]{1,254})>/gim,
    )) {
      trailers.coAuthors.push({ name: match[1]?.trim() ?? '', email: match[2]?.trim() ?? '' });
    }
  }
  return trailers;
}

function readReleaseTrailers(body: string, trailers: Trailers): void {
  const asked = /^[ \t]*(?:[*-][ \t]+)?Release-As:[ \t]*v?(\S+)[ \t]*$/im.exec(body)?.[1];
  if (asked !== undefined && isVersion(asked)) trailers.releaseAs = asked;
  trailers.releaseId = /^Release-Id:[ \t]*\S/im.test(body);
}
