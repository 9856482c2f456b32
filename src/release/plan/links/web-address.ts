/** Hosts that have a name of their own for ssh, and the name under which a browser finds them. */
const WEB_HOSTS = new Map([
  ['ssh.github.com', 'github.com'],
  ['altssh.gitlab.com', 'gitlab.com'],
  ['altssh.bitbucket.org', 'bitbucket.org'],
  ['ssh.codeberg.org', 'codeberg.org'],
]);
/** Names that people give a host in their own ssh configuration, one for each of their keys. */
const ALIASED = /^(github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)-[\w-]+$/;

/**
 * The web address behind a git remote (`git@host:owner/repo.git`, `ssh://…`, `https://user:token@host/…`), without
 * credentials, or null for a local path or anything that is not plainly an address.
 */
export function webAddress(remote: string): string | null {
  const trimmed = remote.trim();
  const scp = /^(?:[\w.-]+@)([A-Za-z0-9][A-Za-z0-9.-]*):(?!\/)((?:[\w.~/-]|%20)+)$/.exec(trimmed);
  const url =
    /^(https?|ssh|git|git\+ssh|git\+https):\/\/(?:[^@/\s]*@)?([A-Za-z0-9][A-Za-z0-9.-]*)(:\d+)?\/+((?:[\w.~/-]|%20)+)$/.exec(
      trimmed,
    );
  const secure = url?.[1] === 'http' ? 'http' : 'https';
  const isWeb = url?.[1]?.startsWith('http') === true;
  // The port of ssh says nothing about the web server's.
  const port = isWeb ? (url?.[3] ?? '') : '';
  const named = (scp?.[1] ?? url?.[2])?.toLowerCase();
  const path = (scp?.[2] ?? url?.[4])?.replace(/\/+$/, '').replace(/\.git$/, '');
  if (named === undefined || path === undefined || path === '' || /(?:^|\/)\.\.?(?:\/|$)/.test(path))
    return null;
  const azure = isWeb ? null : readAzure(named, path);
  if (azure !== null) return azure;
  const host = isWeb ? named : (WEB_HOSTS.get(named) ?? ALIASED.exec(named)?.[1] ?? named);
  // Bitbucket Data Center listens there, and shows at `scm/` what it clones over ssh.
  const scm = url?.[1] === 'ssh' && url[3] === ':7999' ? 'scm/' : '';
  return `${secure}://${host}${port}/${scm}${path}`;
}

/** Azure's ssh addresses have another path than its pages: `v3/organisation/project/repository`. */
function readAzure(host: string, path: string): string | null {
  const parts = /^v3\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(path);
  if (parts === null) return null;
  const [, organisation, project, repository] = parts;
  if (host === 'ssh.dev.azure.com')
    return `https://dev.azure.com/${organisation}/${project}/_git/${repository}`;
  if (host === 'vs-ssh.visualstudio.com' || host.endsWith('.visualstudio.com'))
    return `https://${organisation}.visualstudio.com/${project}/_git/${repository}`;
  return null;
}
