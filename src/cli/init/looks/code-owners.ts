import type { Repository } from '../look-at-repository.ts';

/** Where GitHub, GitLab and Gitea look for it, in their order. */
const PLACES = [
  '.github/CODEOWNERS',
  '.gitlab/CODEOWNERS',
  'CODEOWNERS',
  'docs/CODEOWNERS',
  '.gitea/CODEOWNERS',
];

export interface CodeOwners {
  file: string;
  /** Logins of people, those of the most rules first. */
  people: string[];
  /** Groups, such as `acme/platform`: who is in them only the host knows. */
  groups: string[];
}

/** Who owns the code by a CODEOWNERS file, or null where there is none. */
export function readCodeOwners(repository: Repository): CodeOwners | null {
  const file = PLACES.find((place) => repository.files.includes(place));
  if (file === undefined) return null;
  const counts = new Map<string, number>();
  for (const line of repository.text(file)?.split('\n') ?? []) {
    const rule = line.replace(/(?:^|\s)#.*/, '').trim();
    // GitLab's sections, `[Docs] @ada`, name owners for what follows.
    for (const [, owner] of rule.matchAll(/(?:\s|^)@([A-Za-z0-9][\w.-]{0,38}(?:\/[\w./-]{1,80})?)(?=\s|$)/g))
      counts.set(owner!, (counts.get(owner!) ?? 0) + 1);
  }
  const owners = [...counts].sort((left, right) => right[1] - left[1]).map(([owner]) => owner);
  return {
    file,
    people: owners.filter((owner) => !owner.includes('/')),
    groups: owners.filter((owner) => owner.includes('/')),
  };
}
