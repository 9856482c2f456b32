import type { PreflightFinding } from '../../../../contracts/preflight.ts';
import type { HostPreflight, PushedNames } from '../../host.ts';
import { type GitLabConnection, readGitLab } from '../connection.ts';
import { DEVELOPER, lookAtProtection } from './protection.ts';
import { lookAtToken } from './token.ts';

/**
 * What GitLab would refuse later, as far as it tells beforehand: scopes and end of the token, the account's role,
 * archived or moved projects, protected branches and tags, the release pages.
 * @throws GitLabFailure where the project cannot be read at all
 */
export async function preflightGitLab(
  connection: GitLabConnection,
  names: PushedNames,
): Promise<HostPreflight> {
  const answer = await readGitLab(connection, 'read the project', (api, id) => api.projects.show(id));
  const project = answer as unknown as Project;
  const role = readRole(project);
  const { finding, ends } = await lookAtToken(connection);
  const findings = [
    ...lookAtProject(connection.project, project, role),
    finding,
    ...(await lookAtProtection(connection, names, { role, squashes: project.squash_option === 'always' })),
  ];
  return { findings, ...(ends === undefined ? {} : { tokenEnds: ends }) };
}

interface Project {
  path_with_namespace: string;
  archived?: boolean;
  squash_option?: string;
  releases_access_level?: string;
  permissions?: {
    project_access?: { access_level: number } | null;
    group_access?: { access_level: number } | null;
  };
}

/** The higher of the roles that the account has in the project and in its groups; undefined where GitLab tells none. */
function readRole({ permissions }: Project): number | undefined {
  const levels = [permissions?.project_access, permissions?.group_access].flatMap(
    (access) => access?.access_level ?? [],
  );
  return levels.length === 0 ? undefined : Math.max(...levels);
}

function lookAtProject(asked: string, project: Project, role: number | undefined): PreflightFinding[] {
  const subject = `GitLab project ${asked}`;
  const problem = (found: string, advice: string) => ({ subject, state: 'problem' as const, found, advice });
  if (project.path_with_namespace.toLowerCase() !== asked.toLowerCase())
    return [problem(`moved to ${project.path_with_namespace}`, 'correct gitlab.project')];
  if (project.archived)
    return [problem('is archived', 'unarchive it, or take the product out of windlass.yaml')];
  const pages: PreflightFinding[] =
    project.releases_access_level === 'disabled'
      ? [problem('its release pages are switched off', 'switch on "Releases" in its settings')]
      : [];
  if (role === undefined) {
    const found = 'GitLab does not tell the role of the token’s account';
    const advice = 'see that it is a member with at least the role Developer';
    return [{ subject, state: 'warning', found, advice }, ...pages];
  }
  if (role < DEVELOPER) {
    const advice = 'give it at least the role Developer';
    return [problem('the role of the token’s account lets it read and not write', advice), ...pages];
  }
  return [{ subject, state: 'ok', found: 'the role of the token’s account lets it write' }, ...pages];
}
