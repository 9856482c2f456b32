import { findNearest } from '../../config/mistakes/nearest.ts';
import { printable } from '../../release/plan/printable.ts';

/** The sentence about a name that is none of these, with the nearest one as `write` writes it. */
export function unknownName(
  what: string,
  written: string,
  names: readonly string[],
  write = (name: string) => name,
): string {
  const nearest = findNearest(written, names);
  const meant = nearest === undefined ? '' : ` Did you mean ${write(nearest)}?`;
  return `there is no ${what} "${printable(written.slice(0, 40))}".${meant} There are: ${names.join(', ')}.`;
}
