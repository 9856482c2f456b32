import type { Said } from './list-products.ts';
import type { Repository } from './look-at-repository.ts';
import type { CiFound } from './looks/ci.ts';
import { type CodeOwners, readCodeOwners } from './looks/code-owners.ts';
import { describeCompose } from './looks/compose.ts';

/** What lies around the packages, beside CI: who owns the code, what runs it. */
export interface Surroundings {
  owners: CodeOwners | null;
  hasDockerfile: boolean;
}

/** Looks at it, and says what was understood and what has no place in the configuration. */
export function lookAround(repository: Repository, ci: CiFound, said: Said): Surroundings {
  const owners = readCodeOwners(repository);
  const more = ci.files.length > 3 ? ` and ${ci.files.length - 3} more` : '';
  if (ci.files.length > 0) said.understood.push(`CI: ${ci.files.slice(0, 3).join(', ')}${more}`);
  for (const { tool, file } of ci.releasing)
    said.notTaken.push(`${file} runs ${tool}: take that away once Windlass releases`);
  if (ci.secretNames.length > 0)
    said.notTaken.push(
      `secrets of CI (${ci.secretNames.join(', ')}): Windlass's own stand under "secrets", by role`,
    );
  said.notTaken.push(...ci.notTaken);
  if (owners !== null) {
    said.understood.push(`${owners.file}: ${owners.people.join(', ') || 'no people'}`);
    if (owners.groups.length > 0)
      said.notTaken.push(`${owners.file}: who is in ${owners.groups.join(', ')} only the host knows`);
  }
  const hasDockerfile = repository.files.some((name) => /(?:^|\/)Dockerfile$/.test(name));
  if (hasDockerfile)
    said.notTaken.push(
      'Dockerfile: where its image goes is not known here (registries, with kind oci; scripts.container)',
    );
  const compose = describeCompose(repository);
  if (compose !== null) said.notTaken.push(compose);
  return { owners, hasDockerfile };
}
