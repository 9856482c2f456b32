/**
 * Whether a branch's or tag's name fits a pattern in which a star stands for anything, slashes too.
 *
 * @param ending whether a single star ends at a slash, and only two go on beyond it
 */
export function fitsPattern(pattern: string, name: string, ending = false): boolean {
  const parts = pattern.split(/(\*\*|\*|\?)/).map((part) => {
    if (part === '**') return '.*';
    if (part === '*') return ending ? '[^/]*' : '.*';
    if (part === '?' && ending) return '[^/]';
    return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`).test(name);
}
