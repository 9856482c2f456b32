/**
 * One commit message to what it says: the changes it lists, what it breaks, what it takes back, who helped.
 * Total: any text gives an answer, in time linear in its length.
 */
import { type GitTexts, isOwnSubject } from '../../git-texts.ts';
import type { Bump } from '../../names.ts';
import type { Person } from '../history.ts';
import { bumpOfPlainWords } from '../plain-words.ts';
import { announcedPrerelease, isReleaseSubject } from '../release-commit.ts';
import { OTHER, REVERT, type SectionName, type TypeMeaning } from './commit-types.ts';
import { type DependencyUpdate, findDependencyUpdates } from './dependency-updates.ts';
import { findBreakingNotes, findTrailers } from './footers.ts';
import { isSquashLog, readBodyLines } from './message-lines.ts';
import { findClosedIssues, type Reference } from './references.ts';
import { findReverted, type Reverted } from './reverts.ts';
import { splitHeader } from './subject-header.ts';
import type { CompiledRule } from './type-rules.ts';

/** One change as its author states it. */
export interface Change {
  /** Canonical type (`feat`, `fix`, `chore` …), or `other`. */
  type: string;
  section: SectionName;
  /** How far it alone would move a version at or above 1.0.0. */
  bump: Bump | null;
  scope: string | null;
  /** What it does, without type, scope and the number of its pull request. */
  text: string;
  breaking: boolean;
  /** What breaks and how to migrate, from the footers; may be empty although `breaking`. */
  breakingNotes: string[];
  /** Whether a convention or a rule told its type. */
  conventional: boolean;
  pullRequest: number | null;
  closes: Reference[];
  dependencies: DependencyUpdate[];
}

export interface ParsedMessage {
  /** `release`: made by a release itself; `merge`: repeats what its branch says; `fixup`: meant to be squashed. */
  kind: 'change' | 'merge' | 'release' | 'revert' | 'fixup';
  subject: string;
  changes: Change[];
  /** What it takes back, for a revert. */
  reverted: Reverted | null;
  /** Version demanded by a `Release-As` trailer. */
  releaseAs: string | null;
  /** Pre-release that a release commit names (`Release 2.0.0-rc.1`), or null. */
  announces: string | null;
  coAuthors: Person[];
  /** The pull request that it is, or that it merges, by its own words; null where it does not say. */
  pullRequest: number | null;
}

// Longer subjects exist only to do harm; what lies behind is not read.
const MAX_SUBJECT = 2_000;
const MAX_BODY = 200_000;

const TRAILING_PULL = /[ \t]*\((?:#|!|GH-)(\d{1,10})\)$/;
/** Azure's merges carry number and title in the subject itself. */
const AZURE_MERGE = /^Merged PR (\d{1,10}): (.+)$/;
const MERGE_SUBJECT =
  /^Merge(?:d)? (?:pull request #(\d{1,10})\b|pull request from |in \S+ \(pull request #(\d{1,10})\)|branch(?:es)? |remote-tracking branch(?:es)? |tag |commit |(?:from|into) |https?:\/\/|\S+ into \S+$)/i;

/**
 * Reads one commit message.
 *
 * @param message subject, body and trailers; any line endings, any bytes
 * @param options.merge whether the commit has several parents
 * @param options.rules the product's own rules, from `compileRules`; the first that matches wins
 * @param options.git the product's own templates for what a release writes into git
 */
export function parseMessage(
  message: string,
  options: {
    merge?: boolean;
    rules?: readonly CompiledRule[];
    labels?: readonly string[];
    git?: Partial<GitTexts> | undefined;
  } = {},
): ParsedMessage {
  const { subject, body } = splitMessage(message);
  const trailers = findTrailers(body);
  const parsed: ParsedMessage = {
    kind: 'change',
    subject,
    changes: [],
    reverted: null,
    releaseAs: trailers.releaseAs,
    announces: null,
    coAuthors: trailers.coAuthors,
    pullRequest: null,
  };
  if (/^(?:fixup|squash|amend)! /.test(subject)) return { ...parsed, kind: 'fixup' };
  if (isReleaseSubject(subject) || (trailers.releaseId && namesRelease(subject, body, options.git))) {
    return { ...parsed, kind: 'release', announces: announcedPrerelease(subject) };
  }

  const rule =
    options.rules === undefined || options.rules.length === 0
      ? undefined
      : options.rules.find((candidate) => candidate.matches(subject, options.labels ?? []));
  const mergeSubject = AZURE_MERGE.test(subject) ? null : MERGE_SUBJECT.exec(subject);
  if (mergeSubject !== null)
    return {
      ...parsed,
      kind: 'merge',
      changes: readMerge(subject, body, mergeSubject),
      pullRequest: mergedPull(body, mergeSubject),
    };

  const reverted = findReverted(subject, body);
  if (reverted !== null) {
    const change = {
      ...readHeader(subject, body, undefined),
      ...describe(REVERT),
      breaking: false,
      breakingNotes: [],
    };
    const { pullRequest } = change;
    return { ...parsed, kind: 'revert', reverted, pullRequest, changes: [{ ...change, conventional: true }] };
  }

  const change = readHeader(subject, body, rule?.meaning);
  if (options.merge === true) {
    return {
      ...parsed,
      kind: 'merge',
      pullRequest: change.pullRequest,
      changes: change.conventional ? [change] : [],
    };
  }
  return { ...parsed, pullRequest: change.pullRequest, changes: withListedCommits(change, body) };
}

/** What every message of Windlass's own has in its first line, whatever a team's templates are. */
const OWN_WORDS = /\d\.\d+\.\d|\b(?:update state|record release status)\b/;

/** A trailer is believed where the words agree: anybody can write one, and it would hide his change from everybody. */
function namesRelease(subject: string, body: string, git: Partial<GitTexts> | undefined): boolean {
  if (!OWN_WORDS.test(subject)) return false;
  // A team's own template may look like a change, as `feat: ship {version}` does.
  if (isOwnSubject(subject, git)) return true;
  const { conventional, bump, text } = readHeader(subject, body, undefined);
  return !conventional || bump === null || isReleaseSubject(text);
}

function splitMessage(message: string): { subject: string; body: string } {
  const trimmed = /^\s/.test(message) ? message.trimStart() : message;
  let end = trimmed.search(/[\r\n]/);
  if (end < 0) end = trimmed.length;
  const subject = trimmed.slice(0, Math.min(end, MAX_SUBJECT)).trimEnd();
  // An indented first line is code, so it keeps its spaces.
  let body = trimmed
    .slice(end)
    .replace(/^(?:[ \t]*[\r\n])+/, '')
    .trimEnd();
  // What is too long to be written by hand is read at both ends: trailers stand at the end.
  if (body.length > MAX_BODY) body = `${body.slice(0, MAX_BODY / 2)}\n${body.slice(-MAX_BODY / 2)}`;
  if (body.includes('\r')) body = body.replace(/\r\n?/g, '\n');
  return { subject, body };
}

function describe(meaning: TypeMeaning): Pick<Change, 'type' | 'section' | 'bump'> {
  return { type: meaning.type, section: meaning.section, bump: meaning.bump };
}

function readHeader(subject: string, body: string, ruled: TypeMeaning | undefined): Change {
  const azure = AZURE_MERGE.exec(subject);
  let line = (azure?.[2] ?? subject).replace(
    /(?:[ \t]*\[(?:skip[ -]ci|ci[ -]skip|skip actions|no ci)\])+$/i,
    '',
  );
  let pullRequest = azure === null ? null : Number(azure[1]);
  while (line.endsWith(')')) {
    const pull = TRAILING_PULL.exec(line);
    if (pull === null) break;
    pullRequest ??= Number(pull[1]);
    line = line.slice(0, pull.index);
  }
  const header = splitHeader(line);
  const meaning = ruled ?? header?.meaning ?? OTHER;
  const text = (header?.text ?? line).trim();
  const scope = header?.scope ?? null;
  const aboutDependencies = meaning.type === 'deps' || /^(?:dev[- ]?)?dep|^package$|^deps/i.test(scope ?? '');
  const dependencies = findDependencyUpdates(text, body, aboutDependencies);
  const notes = findBreakingNotes(body, aboutDependencies || dependencies.length > 0);
  if (header?.note) notes.unshift(header.note);
  const breaking = meaning.breaking === true || header?.bang === true || notes.length > 0;
  const section = dependencies.length > 0 ? 'dependencies' : meaning.section;
  return {
    type: meaning.type,
    section: breaking && section === 'hidden' ? 'changed' : section,
    bump: breaking
      ? 'major'
      : meaning === OTHER && dependencies.length === 0
        ? bumpOfPlainWords(text)
        : meaning.bump,
    scope,
    text: text === '' ? (notes[0]?.split('\n', 1)[0] ?? line) : text,
    breaking,
    breakingNotes: notes,
    conventional: ruled !== undefined || header !== null || dependencies.length > 0,
    pullRequest,
    // What is not shown needs no references.
    closes:
      section === 'hidden' && !breaking
        ? []
        : findClosedIssues(/[#!]|GH-|:\/\//.test(line) ? `${line}\n${body}` : body),
    dependencies,
  };
}

/** A merge speaks for itself only by the title of its pull request, when that follows a convention. */
function readMerge(subject: string, body: string, match: RegExpExecArray): Change[] {
  const lines = body.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  // GitHub merges the fix of a security advisory so; its commits were private and may say nothing.
  if (/^Merge pull request from GHSA-/i.test(subject)) {
    const security = describe({ type: 'security', section: 'security', bump: 'patch' });
    const fixed = readHeader((lines[first] ?? subject).trim(), lines.slice(first + 1).join('\n'), undefined);
    return [{ ...fixed, ...security, bump: fixed.breaking ? 'major' : 'patch', conventional: true }];
  }
  if (first < 0) return [];
  const change = readHeader((lines[first] ?? '').trim(), lines.slice(first + 1).join('\n'), undefined);
  if (!change.conventional) return [];
  return [{ ...change, pullRequest: mergedPull(body, match) ?? change.pullRequest }];
}

/** Number of the pull request that a merge names in its subject, or as GitLab does at its end. */
function mergedPull(body: string, match: RegExpMatchArray): number | null {
  const merged = match[1] ?? match[2] ?? /^See merge request \S*!(\d{1,10})$/m.exec(body)?.[1];
  return merged === undefined ? null : Number(merged);
}

/**
 * A squashed branch lists its commits in the body. A conventional title speaks for all of them, since reviewers
 * approved it, while the list is full of "fix: typo" that never reached a user. Where the title says nothing, the
 * conventional commits of the list do: one is enough where it stands in a list, two where the lines are bare.
 */
function withListedCommits(change: Change, body: string): Change[] {
  if (change.conventional || body === '') return [change];
  const listed: Change[] = [];
  let bulleted = isSquashLog(body);
  for (const { text: line, kind } of readBodyLines(body, false)) {
    if (kind !== 'own') continue;
    const item = /^([*+-][ \t]+|\d{1,4}[.)][ \t]+)?(\S.*)$/.exec(line);
    const header = item?.[2] === undefined ? null : splitHeader(item[2].slice(0, MAX_SUBJECT));
    if (header?.meaning == null || header.note !== null) continue;
    bulleted ||= item?.[1] !== undefined;
    const entry = readHeader(item?.[2]?.slice(0, MAX_SUBJECT) ?? '', '', undefined);
    if (!listed.some((other) => other.type === entry.type && other.text === entry.text)) listed.push(entry);
  }
  if (listed.length === 0 || (listed.length === 1 && !bulleted)) return [change];
  const pullRequest = change.pullRequest;
  const changes = listed.map((entry) => ({ ...entry, pullRequest: entry.pullRequest ?? pullRequest }));
  const [first] = changes;
  if (first !== undefined && change.breaking) {
    changes[0] = { ...first, breaking: true, bump: 'major', breakingNotes: change.breakingNotes };
  }
  return changes;
}
