import { spotAt, type VersionFormat } from '../format.ts';
import { walkJson } from '../spans/json.ts';

/** Bun's lock file states the versions of a workspace's members. */
export const bunLock: VersionFormat = {
  matches: (name) => name === 'bun.lock',
  found: false,
  find: ({ text, member = '' }) =>
    walkJson(text, [['workspaces', member, 'version']]).map((span) => spotAt(text, span, 'derived')),
  lacking: 'among its workspaces',
};
