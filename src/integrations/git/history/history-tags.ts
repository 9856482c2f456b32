/** Finds the release tags of a repository; its cost follows the tags' names, not the history behind them. */
import {
  formatOf,
  guessTagFormat,
  isFormatOf,
  isWholeFormat,
  parseTag,
  splitTag,
  type TagParts,
} from '../../../release/plan/tag-format.ts';
import { compareVersions } from '../../../release/plan/version.ts';

/** A tag's name with the version in it; what it points at is only looked up for the few that matter. */
export interface NamedTag {
  tag: string;
  version: string;
  /** The version's numbers in one, where they fit: most tags are ordered by it alone. */
  rank: number;
}

export interface MatchedTags {
  /** The format by which the product's tags are written. */
  tagFormat: string;
  /** Highest version first. */
  tags: NamedTag[];
  /** Tags that state versions and are written otherwise. */
  others: readonly string[];
  /** True when tags state versions, but none by the format. */
  othersOnly: boolean;
  warnings: string[];
}

/**
 * Picks the tags of one product.
 *
 * Without a format the tags themselves tell: `v1.2.3` and `1.2.3` belong to the repository as a whole; names of the
 * product come first where a subfolder is released; a single other prefix is taken as it is.
 *
 * @param tagFormat normalized format, or null to find it out
 * @param names names by which the product's own tags may begin, such as its package's
 * @param preferNames whether tags by name go before tags of the whole repository
 */
export function matchTags(
  allTags: readonly string[],
  tagFormat: string | null,
  names: readonly string[],
  preferNames: boolean,
): MatchedTags {
  const matched =
    tagFormat === null
      ? matchByGuess(groupByFormat(allTags), names, preferNames)
      : matchByFormat(allTags, tagFormat);
  if (matched.tags.length > 0 || matched.othersOnly) return matched;
  return matchUnusual(
    allTags,
    tagFormat === null ? [matched.tagFormat, 'v{version}', '{version}'] : [tagFormat],
  );
}

function matchByFormat(allTags: readonly string[], tagFormat: string): MatchedTags {
  const tags: NamedTag[] = [];
  const others: string[] = [];
  for (const tag of allTags) {
    const version = parseTag(tagFormat, tag);
    const parts = version === null ? null : splitTag(version);
    if (parts !== null) tags.push(nameTag(tag, parts));
    else others.push(tag);
  }
  const warnings: string[] = [];
  const formats =
    tags.length > 0 ? [] : [...new Set(others.map(guessTagFormat).filter((format) => format !== null))];
  if (formats.length > 0) {
    warnings.push(
      `No tag is written as "${tagFormat}", but there are tags written as ${listFormats(formats)}. Nothing was counted, since counting would start at the first commit. Correct the tag format, or name a bump if this is the first release by it.`,
    );
  }
  return { tagFormat, tags: sortDescending(tags), others, othersOnly: formats.length > 0, warnings };
}

/**
 * What is left to a repository without one semantic version among its tags: those of one or two numbers (`v2`, `1.4`)
 * count as what they mean; other names that look like versions are told of, since a recount of the whole history
 * must never come as a surprise. Next to semantic versions, short tags are marks that move along, and are not asked.
 */
function matchUnusual(allTags: readonly string[], formats: readonly string[]): MatchedTags {
  const [tagFormat = 'v{version}'] = formats;
  for (const format of formats) {
    const short = sortDescending(allTags.flatMap((tag) => readShortTag(format, tag) ?? []));
    const [highest] = short;
    if (highest === undefined) continue;
    const warning = `The release tags have fewer than three numbers; ${highest.tag} was read as ${highest.version}. The next tag has three, as semantic versions do.`;
    return { tagFormat: format, tags: short, others: [], othersOnly: false, warnings: [warning] };
  }
  const alike = allTags.filter((tag) =>
    /^(?:[A-Za-z][\w-]*[-@/])?v?\d{1,8}(?:\.\d{1,8}){1,4}(?:[-.+]|$)/.test(tag),
  );
  if (alike.length === 0) return { tagFormat, tags: [], others: [], othersOnly: false, warnings: [] };
  const warning = `The tags look like versions, such as ${alike.at(-1)}, but none is a semantic version (three numbers without leading zeros). Nothing was counted, since counting would start at the first commit. Tag the last release by its semantic version, or name a bump if this is the first.`;
  return { tagFormat, tags: [], others: [], othersOnly: true, warnings: [warning] };
}

/** A tag of one number (only after a prefix: `2024` may be anything) or two, as the version that it means, or null. */
export function readShortTag(tagFormat: string, tag: string): NamedTag | null {
  const prefix = tagFormat.slice(0, tagFormat.indexOf('{version}'));
  if (!tag.startsWith(prefix) || tagFormat !== `${prefix}{version}`) return null;
  const found = /^(0|[1-9]\d{0,8})(?:\.(0|[1-9]\d{0,8}))?$/.exec(tag.slice(prefix.length));
  if (found === null || (found[2] === undefined && prefix === '')) return null;
  const [major, minor] = [Number(found[1]), Number(found[2] ?? 0)];
  return nameTag(tag, { version: `${major}.${minor}.0`, major, minor, patch: 0 });
}

/** Tags by the format that they look written in; those that state no version are left out. */
function groupByFormat(allTags: readonly string[]): Map<string, NamedTag[]> {
  const byPrefix = new Map<string, NamedTag[]>();
  let prefix: string | undefined;
  let same: NamedTag[] = [];
  for (const tag of allTags) {
    const parts = splitTag(tag);
    if (parts === null) continue;
    // By name, tags of one prefix stand together.
    if (parts.prefix !== prefix) {
      prefix = parts.prefix;
      same = byPrefix.get(prefix) ?? [];
      byPrefix.set(prefix, same);
    }
    same.push(nameTag(tag, parts));
  }
  return new Map([...byPrefix].map(([prefix, tags]) => [formatOf(prefix), tags]));
}

function matchByGuess(
  byFormat: Map<string, NamedTag[]>,
  names: readonly string[],
  preferNames: boolean,
): MatchedTags {
  const formats = [...byFormat.keys()];
  const own = formats.filter((format) => isFormatOf(format, names));
  const whole = withoutCalendars(formats.filter(isWholeFormat), byFormat);
  // A project that changed its style of tags has both kinds, and its last release may be of either.
  let chosen = preferNames ? own : [...new Set([...whole, ...own])];
  if (chosen.length === 0 && whole.length === formats.length) chosen = whole;
  if (chosen.length === 0 && formats.length === 1) chosen = formats;
  const tags = sortDescending(chosen.flatMap((format) => byFormat.get(format) ?? []));
  // A project that changed its style goes on in the style of its highest version.
  const tagFormat =
    tags[0] === undefined
      ? preferNames
        ? names[0] === undefined
          ? 'v{version}'
          : `${names[0]}@{version}`
        : 'v{version}'
      : (guessTagFormat(tags[0].tag) ?? 'v{version}');
  const othersOnly = tags.length === 0 && byFormat.size > 0;
  const warnings = othersOnly
    ? [
        `The tags are written as ${listFormats([...byFormat.keys()])}, and none tells whether it is this product's. Nothing was counted; say which with --tag-format.`,
      ]
    : [];
  const unchosen = formats.filter((format) => !chosen.includes(format));
  const others = unchosen.flatMap((format) => byFormat.get(format)?.map(({ tag }) => tag) ?? []);
  return { tagFormat, tags, others, othersOnly, warnings };
}

/** Dated builds (`release-2024.11.5`) beside semantic versions are no later versions of theirs. */
function withoutCalendars(formats: string[], byFormat: ReadonlyMap<string, NamedTag[]>): string[] {
  const isDated = (format: string) => {
    const major = Number(byFormat.get(format)?.[0]?.version.split('.', 1)[0]);
    return major >= 1990 && major < 2200;
  };
  const undated = formats.filter((format) => !isDated(format));
  return undated.length === 0 ? formats : undated;
}

function nameTag(tag: string, { version, major, minor, patch }: Omit<TagParts, 'prefix'>): NamedTag {
  const fits = major < 1e4 && minor < 1e5 && patch < 1e5;
  return { tag, version, rank: fits ? major * 1e10 + minor * 1e5 + patch : Number.NaN };
}

/** From the highest version down; the same version in several tags is ordered by name. */
function sortDescending(tags: NamedTag[]): NamedTag[] {
  return tags.sort(
    (a, b) => b.rank - a.rank || compareVersions(b.version, a.version) || (a.tag < b.tag ? 1 : -1),
  );
}

function listFormats(formats: readonly string[]): string {
  const shown = formats.slice(0, 5).map((format) => `"${format}"`);
  return formats.length > 5 ? `${shown.join(', ')} and ${formats.length - 5} more` : shown.join(', ');
}
