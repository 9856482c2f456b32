/** The footers of a commit message: what breaks, who helped, what version is demanded. */
import type { Person } from '../history.ts';
import { isVersion } from '../version.ts';
import { readBodyLines } from './message-lines.ts';

/** Rule 15 of Conventional Commits: "MUST be uppercase"; a sentence that happens to begin a line so is not meant. */
const BREAKING =
  /^[ \t]{0,3}(?:[*|+-][ \t]+(?:\[[xX]\][ \t]+)?)?(?:\*\*|__)?BREAKING[ -]CHANGES?(?:\([^()\n]{0,200}\))?!?(?:\*\*|__)?[ \t]*:(?:\*\*|__)?(.*)$/;
/** Without the colon only at the start of a paragraph: the parsers of conventional-changelog take it so too. */
const BREAKING_WITHOUT_COLON = /^[ \t]{0,3}(?:[*|-][ \t]+)?BREAKING[ -]CHANGE(?:[ \t]+(\S.*))?$/;
/**
 * Lines that end the text of a note: the next token (a word with hyphens, or one that teams use), issue keywords,
 * commits that a squash lists, rules.
 */
const END_OF_NOTE =
  /^(?:[A-Z][A-Za-z]*(?:-[A-Za-z]+)+(?::[ \t]|[ \t]#\d)|(?:refs?|references|implements|issues?|bugs?|jira|tickets?|prs?|cc|acked|helped|reviewers?)(?::[ \t]*\S|[ \t]+#\d)|(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|refs?|see|relates? to|part of|issue)\b:?[ \t]*(?:[\w./-]*[#!]\d|https?:|GH-\d|[A-Z][A-Z0-9]+-\d)|-{3,}[ \t]*$|[*+-][ \t]+(?:feat|fix|docs|style|refactor|perf|tests?|build|ci|chore|revert|deps)(?:\([^)]*\))?!?:[ \t])/i;
const NOTHING =
  /^[*_`~]*(?:none|no|nothing|n\/?a|not applicable|false|-+|no breaking changes?|nothing breaks)[*_`~]*(?:[ \t]*(?:[.!,;:(]|[-–—]+[ \t])|[ \t]*$)/i;

/**
 * The notes of every `BREAKING CHANGE:` or `BREAKING-CHANGE:` footer, with their further lines and paragraphs.
 *
 * A template's "BREAKING CHANGE: none" breaks nothing. What follows a dependency's quoted release notes speaks of
 * the dependency, not of this product, so it is not read.
 *
 * @param body the message after its subject, line feeds only
 * @param aboutDependency whether the message says that it updates a dependency
 */
export function findBreakingNotes(body: string, aboutDependency = false): string[] {
  // Plain text is found many times as quickly as a pattern, and this runs over every body there is.
  if (!body.includes('BREAKING')) return [];
  const notes: string[] = [];
  let note: string[] | null = null;
  const finish = () => {
    const text = note?.join('\n').trim() ?? '';
    if (note !== null && !NOTHING.test(text.split('\n', 1)[0] ?? '')) notes.push(text);
    note = null;
  };
  let before = '';
  for (const { text, kind } of readBodyLines(body, aboutDependency)) {
    const startsParagraph = before === '' || /^[ \t]*[*|-][ \t]/.test(text);
    before = text.trim();
    const start =
      kind === 'own'
        ? (BREAKING.exec(text) ?? (startsParagraph ? BREAKING_WITHOUT_COLON.exec(text) : null))
        : null;
    if (start !== null) {
      finish();
      note = [(start[1] ?? '').trim()];
    } else if (note !== null) {
      // The code of an example belongs to the note, whatever it looks like.
      if (kind === 'quoted' || (kind === 'own' && END_OF_NOTE.test(text))) finish();
      else (note as string[]).push(text.trimEnd());
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
  const own = readBodyLines(body, false)
    .flatMap(({ text, kind }) => (kind === 'own' ? [text] : []))
    .join('\n');
  const asked = /^[ \t]*(?:[*-][ \t]+)?Release-As:[ \t]*v?(\S+)[ \t]*$/im.exec(own)?.[1];
  if (asked !== undefined && isVersion(asked)) trailers.releaseAs = asked;
  trailers.releaseId = /^Release-Id:[ \t]*\S/im.test(own);
}
