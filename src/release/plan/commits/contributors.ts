/** Who made a release: people named once, programs left out, newcomers marked. */
import type { Person } from '../history.ts';

export interface Contributor {
  name: string;
  /** Whether this is surely the first contribution. */
  firstTime: boolean;
}

const BOT_NAME =
  /\[bot\]|(?:^|[-_ ])bot$|^(?:renovate|dependabot|greenkeeper|semantic-release|snyk|github-actions?|github|mergify|imgbot|codecov|allcontributors|release-please|web-flow|pre-commit-ci|copilot|claude|cursor agent)\b|octokitbot|greenkeeperio|lernabot/i;
const BOT_ADDRESS =
  /\[bot\]@|(?:^|[+.-])bot@|@(?:renovateapp|whitesourcesoftware|greenkeeper|dependabot)\.|^(?:noreply@github\.com|support@(?:dependabot|greenkeeper)|action@github\.com|noreply@anthropic\.com)/i;

/** Whether name or address is a program's. */
export function isBot(person: Person): boolean {
  return BOT_NAME.test(person.name.trim()) || BOT_ADDRESS.test(person.email.trim());
}

/**
 * The people of a release in the order of their first commit in it.
 * One person with several addresses counts once by name, one with several names once by address.
 *
 * @param people oldest first, authors and co-authors
 * @param newcomers addresses in lower case that surely have no commit before the range
 */
export function listContributors(people: readonly Person[], newcomers: readonly string[]): Contributor[] {
  const fresh = new Set(newcomers);
  const byKey = new Map<string, Contributor>();
  const listed: Contributor[] = [];
  for (const person of people) {
    const name = person.name.trim();
    const email = person.email.trim().toLowerCase();
    if (name === '' || isBot(person)) continue;
    const nameKey = `name:${name.toLowerCase()}`;
    const emailKey = `mail:${email}`;
    const before = byKey.get(nameKey) ?? (email === '' ? undefined : byKey.get(emailKey));
    const contributor = before ?? { name, firstTime: true };
    if (before === undefined) listed.push(contributor);
    // A second address that is known from before shows that the person is no newcomer.
    contributor.firstTime &&= fresh.has(email);
    byKey.set(nameKey, contributor);
    if (email !== '') byKey.set(emailKey, contributor);
  }
  return listed;
}
