/** Checks data against the schema so that one mistake does not hide another. */
import type { z } from 'zod';
import { explainIssue, phraseExpectation } from './explain-issues.ts';
import type { ConfigPath, UnplacedMistake } from './mistake.ts';
import type { JsonSchema } from './schema-keys.ts';

export interface CheckedData<T> {
  mistakes: UnplacedMistake[];
  /** The data without what is wrong in it; absent if too little is left to say more about it. */
  usable?: T;
  /** Places whose content was left out of `usable`, so that nothing follows from its absence. */
  leftOut: ConfigPath[];
  /** A path of `usable` as the file writes it: with the misspelt keys. */
  asWritten(path: ConfigPath): ConfigPath;
}

/** Each round leaves out or renames what the one before found; a file needs few, a hostile one ends here. */
const MAX_ROUNDS = 8;

/**
 * Checks, then leaves out what was wrong and checks again, until the rest is right. A misspelt key is taken for
 * the name that it is nearest to, so that mistakes below it come out in the same run; paths stay as written.
 */
export function checkData<T extends z.ZodType>(
  schema: T,
  jsonSchema: () => JsonSchema,
  data: unknown,
): CheckedData<z.output<T>> {
  const mistakes: UnplacedMistake[] = [];
  const removed: ConfigPath[] = [];
  const renames: { parent: ConfigPath; from: string; to: string }[] = [];
  const asWritten = (path: ConfigPath) => undoRenames(path, renames);
  // Generating it takes longer than all the checks, so it is done once and only if something is wrong.
  let keys: JsonSchema | undefined;
  let rest: unknown = data;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const parsed = schema.safeParse(rest, { error: phraseExpectation });
    if (parsed.success) return { mistakes, usable: parsed.data, leftOut: removed, asWritten };
    keys ??= jsonSchema();
    const known = keys;
    const found = withoutHasty(parsed.error.issues).flatMap((issue) => explainIssue(issue, rest, known));
    if (rest === data) rest = structuredClone(data);
    const removedBefore = [...removed];
    const removedNow: ConfigPath[] = [];
    for (const mistake of found) {
      const { path } = mistake;
      // What only follows from something having been left out is no mistake of the person's.
      const follows = removedBefore.some((gone) => isWithin(gone, path) || isWithin(path, gone));
      if (!follows) mistakes.push({ ...mistake, path: asWritten(path) });
      if (mistake.isUnknownKey && mistake.nearest !== undefined && !mistake.nearest.includes('.')) {
        renames.push({ parent: path.slice(0, -1), from: String(path.at(-1)), to: mistake.nearest });
        renameKey(rest, path, mistake.nearest);
      } else if (!removedNow.some((gone) => isWithin(path, gone))) {
        removedNow.push(follows ? removeAt(rest, path) : replaceOrRemove(rest, path));
      }
    }
    removed.push(...removedNow);
  }
  return { mistakes, leftOut: removed, asWritten };
}

/**
 * Checks of a whole (such as "exactly one of") also run when a part is wrong, and then may well be mistaken. They
 * wait until nothing else is wrong in it; the next round has them again.
 */
function withoutHasty(issues: z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const isHasty = (issue: z.core.$ZodIssue) =>
    issue.code === 'custom' &&
    issues.some((other) => other !== issue && isWithin(other.path as ConfigPath, issue.path as ConfigPath));
  const rest = issues.filter((issue) => !isHasty(issue));
  return rest.length > 0 ? rest : issues;
}

/** Undoes the renaming of keys in a path. */
function undoRenames(
  path: ConfigPath,
  renames: { parent: ConfigPath; from: string; to: string }[],
): ConfigPath {
  return path.map((part, index) => {
    const parent = path.slice(0, index);
    const renamed = renames.find((rename) => rename.to === part && samePath(rename.parent, parent));
    return renamed?.from ?? part;
  });
}

function samePath(left: ConfigPath, right: ConfigPath): boolean {
  return left.length === right.length && isWithin(left, right);
}

/** Whether a path is a place or lies below it. */
export function isWithin(path: ConfigPath, place: ConfigPath): boolean {
  return place.every((part, index) => part === path[index]);
}

type Container = Record<string | number, unknown>;

function containerAt(data: unknown, path: ConfigPath): Container | undefined {
  const found = path.reduce<unknown>((inner, part) => (inner as Container | undefined)?.[part], data);
  return typeof found === 'object' && found !== null ? (found as Container) : undefined;
}

function renameKey(data: unknown, path: ConfigPath, name: string): void {
  const parent = containerAt(data, path.slice(0, -1));
  const key = String(path.at(-1));
  if (parent === undefined || !Object.hasOwn(parent, key)) return;
  parent[name] = parent[key];
  delete parent[key];
}

/**
 * A stand-in for a value that the schema demands, so that a product with a wrong address is still checked further.
 * It never leaves this folder and the rules: with a mistake there is no configuration.
 */
function standInFor(place: ConfigPath): unknown {
  const key = place.at(-1);
  if (key === 'repository' || key === 'url') return 'https://stand-in.invalid/repository';
  if (key === 'roles' && place[0] === 'people') return ['viewer'];
  return undefined;
}

/** Puts a stand-in where a wrong or missing value can have one, else takes it out. Answers what was changed. */
function replaceOrRemove(data: unknown, path: ConfigPath): ConfigPath {
  const place = path.slice(0, path.findLastIndex((part) => typeof part === 'string') + 1);
  const standIn = standInFor(place);
  const parent = containerAt(data, place.slice(0, -1));
  if (standIn === undefined || parent === undefined) return removeAt(data, path);
  parent[place.at(-1)!] = standIn;
  return place;
}

/** Takes out a value; if it is not there (it is required), what contains it. Answers what was taken out. */
function removeAt(data: unknown, path: ConfigPath): ConfigPath {
  for (let length = path.length; length > 0; length--) {
    const place = path.slice(0, length);
    const parent = containerAt(data, place.slice(0, -1));
    const key = place.at(-1)!;
    if (parent === undefined || !Object.hasOwn(parent, key)) continue;
    // A list keeps its length, so that later paths still point to the right entries.
    if (Array.isArray(parent)) return removeAt(data, place.slice(0, -1));
    delete parent[key];
    return place;
  }
  return [];
}
