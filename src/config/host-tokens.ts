import { HOST_NAMES, HOSTS } from '../providers/host/hosts.ts';

/**
 * The tokens of people for their hosts, by kind of host, from the variables that are usual in the field (such as
 * `GITHUB_TOKEN`). Secrets. Reads nothing but its argument.
 */
export function readHostTokens(environment: NodeJS.ProcessEnv): Partial<Record<string, string>> {
  const tokens = HOST_NAMES.map((name) => [name, environment[HOSTS[name].tokenVariable]]);
  return Object.fromEntries(tokens.filter(([, token]) => token !== undefined && token !== ''));
}
