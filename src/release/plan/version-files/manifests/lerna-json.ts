import { spotAt, type VersionFormat } from '../format.ts';
import { findJson } from '../spans/json.ts';

/** Lerna's one version for all packages; `independent` is no version, and stays. */
export const lernaJson: VersionFormat = {
  find: ({ path, text }) =>
    findJson(path, text, [['version']])
      .map((span) => spotAt(text, span))
      .filter(({ stated }) => stated !== 'independent'),
  lacking: 'under "version" at the top, or its packages are independent',
};
