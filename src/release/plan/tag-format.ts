/**
 * Tag names to versions and back. A format is text with one `{version}` mark: `v{version}`, `{version}`,
 * `shop@{version}`, `shop-v{version}`.
 */
import { isVersion } from './version.ts';

const MARK = '{version}';

/** What git forbids in a ref name, and what would make a tag look like an option. */
const FORBIDDEN = /^[-/.]|[\u0000- ~^:?*[\\\u007f]|\.\.|@\{|\/\/|\/$|\.lock$|\.$/;

/**
 * Reads a tag format as people write it: with a mark (`v{version}`, `v${version}`), as an example (`v1.2.3`) or as
 * a bare prefix (`shop@`). `{name}` stands for the product's name.
 *
 * @throws Error with a sentence for people when no tag can be written by it
 */
export function normalizeTagFormat(format: string, productName = ''): string {
  let normalized = format.replace(/\$\{version\}/g, MARK).replaceAll('{name}', productName);
  if (!normalized.includes(MARK)) {
    const example = /\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.exec(normalized);
    normalized = example === null ? normalized + MARK : normalized.slice(0, example.index) + MARK;
  }
  if (normalized.indexOf(MARK) !== normalized.lastIndexOf(MARK)) {
    throw new Error(`The tag format "${format}" has more than one {version} mark; it needs exactly one.`);
  }
  if (FORBIDDEN.test(normalized.replace(MARK, '1.2.3'))) {
    throw new Error(`The tag format "${format}" gives names that git refuses as tags. Try v{version}.`);
  }
  return normalized;
}

/** The tag of a version. */
export function formatTag(tagFormat: string, version: string): string {
  return tagFormat.replace(MARK, () => version);
}

/** The version that a tag states by a format, or null when the tag is of another format or not a semantic version. */
export function parseTag(tagFormat: string, tag: string): string | null {
  const at = tagFormat.indexOf(MARK);
  const prefix = tagFormat.slice(0, at);
  const suffix = tagFormat.slice(at + MARK.length);
  if (!tag.startsWith(prefix) || !tag.endsWith(suffix)) return null;
  const version = tag.slice(prefix.length, tag.length - suffix.length);
  return isVersion(version) ? version : null;
}

/** A tag taken apart: what stands before its version, and the numbers of that for quick ordering. */
export interface TagParts {
  prefix: string;
  version: string;
  major: number;
  minor: number;
  patch: number;
}

const ENDS_WITH_VERSION =
  /^(.*?)(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/**
 * Takes a tag apart by how it looks (`v1.2.3` has the prefix `v`), or gives null when it states no version.
 * The usual tag, three numbers after what has no digit, is read without an expression: repositories have tens of
 * thousands, and what it would find costs more than the reading.
 */
export function splitTag(tag: string): TagParts | null {
  return splitPlainTag(tag) ?? splitByExpression(tag);
}

const [DOT, ZERO, NINE] = [46, 48, 57];
const isDigit = (code: number) => code >= ZERO && code <= NINE;

function splitPlainTag(tag: string): TagParts | null {
  let start = 0;
  while (start < tag.length && !isDigit(tag.charCodeAt(start))) start += 1;
  if (start > 0 && tag.charCodeAt(start - 1) === DOT) return null;
  const minorAt = skipNumber(tag, start) + 1;
  if (tag.charCodeAt(minorAt - 1) !== DOT) return null;
  const patchAt = skipNumber(tag, minorAt) + 1;
  if (tag.charCodeAt(patchAt - 1) !== DOT || skipNumber(tag, patchAt) !== tag.length) return null;
  return {
    prefix: start === 0 ? '' : tag.slice(0, start),
    version: start === 0 ? tag : tag.slice(start),
    major: readNumber(tag, start, minorAt - 1),
    minor: readNumber(tag, minorAt, patchAt - 1),
    patch: readNumber(tag, patchAt, tag.length),
  };
}

/** Where a number without leading zeros and of at most 15 digits ends, or -1 where there is none. */
function skipNumber(text: string, from: number): number {
  let at = from;
  while (at < text.length && isDigit(text.charCodeAt(at))) at += 1;
  const isOne = at > from && at - from <= 15 && (at === from + 1 || text.charCodeAt(from) !== ZERO);
  return isOne ? at : -1;
}

function readNumber(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 10 + text.charCodeAt(at) - ZERO;
  return value;
}

function splitByExpression(tag: string): TagParts | null {
  const found = ENDS_WITH_VERSION.exec(tag);
  if (found === null) return null;
  const prefix = found[1] ?? '';
  // A digit or dot before it is part of something else: `1.2.3.4`, `01.2.3`.
  if (prefix !== '' && /[\d.]$/.test(prefix)) return null;
  const version = tag.slice(prefix.length);
  if ((found[5] !== undefined || found[6] !== undefined) && !isVersion(version)) return null;
  return {
    prefix,
    version,
    major: Number(found[2]),
    minor: Number(found[3]),
    patch: Number(found[4]),
  };
}

/** The format of tags that have this before their version. */
export function formatOf(prefix: string): string {
  return prefix + MARK;
}

/** The format by which a tag looks written, or null when it states no version. */
export function guessTagFormat(tag: string): string | null {
  const parts = splitTag(tag);
  return parts === null ? null : formatOf(parts.prefix);
}

/** What may stand around a product's name, or instead of it, without saying which product is meant. */
const GENERIC = /^(?:v|ver|version|versions|r|rel|release|releases|tag|tags|pkg|package|packages)$/i;

/** Whether tags of a format belong to the repository as a whole: `v1.2.3`, `1.2.3`, `release-1.2.3`, `releases/v1.2.3`. */
export function isWholeFormat(format: string): boolean {
  return wordsBefore(format).every((word) => GENERIC.test(word)) && format.endsWith(MARK);
}

/**
 * Whether tags of a format name one of some products: `shop@1.2.3`, `shop-v1.2.3`, `release/shop/v1.2.3`,
 * `@acme/shop@1.2.3`, `packages/shop/v1.2.3`.
 */
export function isFormatOf(format: string, names: readonly string[]): boolean {
  if (!format.endsWith(MARK)) return false;
  const prefix = format.slice(0, -MARK.length).toLowerCase();
  return names.some((name) => {
    const at = name === '' ? -1 : prefix.lastIndexOf(name.toLowerCase());
    if (at < 0) return false;
    const before = prefix.slice(0, at);
    const after = prefix.slice(at + name.length);
    if (!/^$|[-_/@.]$/.test(before) || !/^(?:[-_/@.]+(?:v|ver|version|release)?[-_/@.]*|)$/.test(after))
      return false;
    return words(before).every((word) => GENERIC.test(word));
  });
}

function wordsBefore(format: string): string[] {
  return words(format.slice(0, format.indexOf(MARK)));
}

function words(text: string): string[] {
  return text.split(/[-_/@.]+/).filter((word) => word !== '');
}
