/** Somebody who works on the shop. */
export type AuthorName = 'mira' | 'jonas' | 'priya' | 'tomas' | 'bot';

/**
 * One change within a file, told forwards:
 * - `adds` is text that was not there before; with `through`, everything from `adds` to the next `through`
 * - `was`/`now` is text that took the place of other text
 *
 * The text must occur exactly once in the file as it was right after the commit.
 */
export type Edit =
  | { file: string; adds: string; through?: string }
  | { file: string; was: string; now: string };

/** One commit of the shop's history. */
export interface Step {
  /** Subject, and body after an empty line. */
  message: string;
  author: AuthorName;
  /** ISO 8601. */
  date: string;
  /** Files, or folders with a slash at the end, that did not exist before. */
  creates?: readonly string[];
  edits?: readonly Edit[];
  /** The subject of an earlier commit that this one takes back. */
  reverts?: string;
  /** Makes it a release: the version in package.json, its section in CHANGELOG.md, and a tag. */
  release?: string;
}

/** A file of a tree. */
export interface TreeFile {
  content: string;
  executable: boolean;
}

/** All files of one commit by path, with `/` between folders. */
export type Tree = ReadonlyMap<string, TreeFile>;
