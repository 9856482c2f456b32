/** npm as a program of the machine: which one, and in surroundings in which nobody's settings have a say. */
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { searchPath } from './search-path.ts';

/** npm beside the running node if it is there (then run by that node), else the one on the PATH. */
export async function findNpm(): Promise<[string, ...string[]]> {
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const found = await access(beside).then(
    () => true,
    () => false,
  );
  return found ? [process.execPath, beside] : ['npm'];
}

/** The whole environment of a call of npm in an empty folder: no user's `.npmrc`, no token, no cache and no network. */
export function npmEnvironment(scratch: string): NodeJS.ProcessEnv {
  return {
    PATH: searchPath(),
    HOME: scratch,
    TMPDIR: scratch,
    npm_config_cache: join(scratch, 'cache'),
    npm_config_userconfig: join(scratch, 'npmrc'),
    npm_config_globalconfig: join(scratch, 'global-npmrc'),
    // A repository's own .npmrc may name any folder for them.
    npm_config_logs_dir: join(scratch, 'logs'),
    npm_config_update_notifier: 'false',
    npm_config_offline: 'true',
  };
}
