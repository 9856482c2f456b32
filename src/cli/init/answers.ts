/** What `init` cannot know of a repository: who decides, where it is deployed, whether skeletons are wanted. */

import * as field from '../../config/schema/fields.ts';
import { roleName } from '../../config/schema/role-schema.ts';
import { ENVIRONMENT_KINDS, type EnvironmentKind } from '../../release/names.ts';
import { DEFAULT_ROLES } from '../../release/settings.ts';
import { misuseOf } from '../line/cli-problem.ts';

export interface NamedPerson {
  login: string;
  roles: string[];
}

export interface Answers {
  /** Empty: nobody was named, and the file has examples. */
  people: NamedPerson[];
  /** In the order in which a version passes them; empty for a library. */
  environments: { name: EnvironmentKind; url: string }[];
  /** Whether programs that are still to be written get a skeleton. */
  skeletons: boolean;
}

export interface InitFlags {
  people: string[];
  staging: string | undefined;
  production: string | undefined;
  scripts: boolean;
}

/** Reads the flags. @throws CliProblem with every mistake in them at once */
export function readFlags(flags: InitFlags): Answers {
  const mistakes: string[] = [];
  const people = new Map<string, string[]>();
  for (const text of flags.people) {
    const [login = '', roles] = splitOnce(text, '=');
    const named = roles?.split(',') ?? [];
    if (!field.login.safeParse(login).success || named.length === 0)
      mistakes.push('--person is written NAME=ROLE, or NAME=ROLE,ROLE, such as ada=ceo,release_manager.');
    for (const role of named.filter((each) => !roleName.safeParse(each).success))
      mistakes.push(
        `--person: a role is one of ${DEFAULT_ROLES.join(', ')}, or a name of yours, not "${role}".`,
      );
    people.set(login, [...new Set([...(people.get(login) ?? []), ...named])]);
  }
  const environments = ENVIRONMENT_KINDS.flatMap((name) => {
    const url = flags[name];
    if (url === undefined) return [];
    const read = field.url.safeParse(url);
    if (!read.success) mistakes.push(`--${name} is ${read.error.issues[0]?.message ?? 'an address'}.`);
    return [{ name, url }];
  });
  if (mistakes.length > 0) throw misuseOf('init', mistakes);
  return {
    people: [...people].map(([login, roles]) => ({ login, roles })),
    environments,
    skeletons: flags.scripts,
  };
}

function splitOnce(text: string, by: string): [string, string | undefined] {
  const at = text.indexOf(by);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
