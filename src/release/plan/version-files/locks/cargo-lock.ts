import { spotAt, type VersionFormat } from '../format.ts';

/** Cargo's lock file: packages of a registry have a `source`; those of the repository have none. */
export const cargoLock: VersionFormat = {
  find: ({ text, packageNames = [] }) =>
    [...text.matchAll(/^\[\[package\]\]\r?\n(?:(?!\[)[^\n]*\n?)*/gm)].flatMap((block) => {
      const named = /^name = "([^"\n]*)"/m.exec(block[0])?.[1] ?? '';
      const version = /^version = "([^"\n]*)"/m.exec(block[0]);
      if (!packageNames.includes(named) || version === null || /^source = /m.test(block[0])) return [];
      const from = block.index + version.index + 'version = "'.length;
      return [spotAt(text, [from, from + (version[1] ?? '').length], 'derived', named)];
    }),
  lacking: 'for a package of this repository',
};
