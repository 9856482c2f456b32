import { spotAt, type VersionFormat } from '../format.ts';
import { findJson } from '../spans/json.ts';

/** Composer's manifest; most projects leave the version to their tags. */
export const composerJson: VersionFormat = {
  find: ({ path, text }) => findJson(path, text, [['version']]).map((span) => spotAt(text, span)),
  lacking: 'under "version" at the top (Composer takes it from the tag where none is stated)',
};
