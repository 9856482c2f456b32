import { spotAt, type VersionFormat } from '../format.ts';

/** A file that holds a version and nothing else but space around it. */
export const versionText: VersionFormat = {
  find: ({ text }) => {
    const match = /^\ufeff?\s*v?(\d+\.\d+\.\d+\S*)\s*$/.exec(text);
    if (match?.[1] === undefined) return [];
    const from = text.lastIndexOf(match[1]);
    return [spotAt(text, [from, from + match[1].length])];
  },
  lacking: 'as the only thing in it',
};
