import { spotAt, type VersionFormat } from '../format.ts';
import { findJson } from '../spans/json.ts';

/** npm, pnpm, yarn, bun. */
export const packageJson: VersionFormat = {
  find: ({ path, text }) => findJson(path, text, [['version']]).map((span) => spotAt(text, span)),
  lacking: 'under "version" at the top',
};
