import { spotAt, type VersionFormat } from '../format.ts';
import { findJson } from '../spans/json.ts';

/** npm's lock file, and its published twin; of a workspace's member, its entry among the packages. */
export const packageLock: VersionFormat = {
  find: ({ path, text, member = '' }) =>
    findJson(
      path,
      text,
      member === '' ? [['version'], ['packages', '', 'version']] : [['packages', member, 'version']],
      true,
    ).map((span) => spotAt(text, span, 'derived')),
  lacking: 'under "version" at the top',
};
