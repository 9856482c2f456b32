import { parseTag } from './tag-format.ts';
import { compareVersions } from './version.ts';

/** Formats that say nothing but the version: repositories change between them. */
const PLAIN = ['v{version}', '{version}'];

/**
 * Whether no higher version than this one is among a repository's tags of the same product: a patch of an old line is
 * not the newest. Tags of other products and of other forms do not count.
 */
export function isNewest(
  version: string,
  tags: readonly string[],
  { tagFormat }: { tagFormat: string },
): boolean {
  const formats = PLAIN.includes(tagFormat) ? PLAIN : [tagFormat];
  return tags.every((tag) =>
    formats.every((format) => {
      const other = parseTag(format, tag);
      return other === null || compareVersions(other, version) <= 0;
    }),
  );
}
