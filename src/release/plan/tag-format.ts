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

/** The format by which a tag looks written (`v1.2.3` gives `v{version}`), or null when it states no version. */
export function guessTagFormat(tag: string): string | null {
  const found = /(?:^|[^0-9.])(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$/.exec(tag);
  if (found?.[1] === undefined || !isVersion(found[1])) return null;
  return tag.slice(0, tag.length - found[1].length) + MARK;
}
