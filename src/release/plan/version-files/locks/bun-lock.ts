import { spotAt, type VersionFormat } from '../format.ts';
import { walkJson } from '../spans/json.ts';

/** Bun's lock file states the versions of a workspace's members. */
export const bunLock: VersionFormat = {
  find: ({ text, member = '' }) =>
    walkJson(text, [['workspaces', member, 'version']], true).map((span) => spotAt(text, span, 'derived')),
  lacking: 'among its workspaces',
};
