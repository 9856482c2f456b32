import { GitNameRefused } from './git-errors.ts';

const LONGEST_REF = 240;
/** Letters and digits of any script, and marks that neither git nor a page nor a log reads as anything else. */
const REF_COMPONENT = /^[\p{L}\p{N}_@+#=,][\p{L}\p{N}._\-@+#=,]*$/u;
const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether this is a full ref (`refs/heads/…`, `refs/tags/…`) under git's own rules and stricter ones. */
export function isSafeRefName(ref: string): boolean {
  const components = ref.split('/');
  return (
    ref.length <= LONGEST_REF &&
    components.length >= 3 &&
    components[0] === 'refs' &&
    !ref.includes('..') &&
    !ref.includes('@{') &&
    components.every(
      (part) => REF_COMPONENT.test(part) && !part.endsWith('.lock') && !part.endsWith('.') && part !== '@',
    )
  );
}

/** @throws {GitNameRefused} when it is no full ref. */
export function assertRef(ref: string): string {
  if (isSafeRefName(ref)) return ref;
  throw new GitNameRefused(
    `${JSON.stringify(ref)} is no full ref such as "refs/heads/main". Nothing was run. A ref has letters, digits and ._-@+#=, and no part that starts with a dash or a dot.`,
  );
}

/** The full ref of a branch: `release/shop/v1.2.0` gives `refs/heads/release/shop/v1.2.0`. @throws {GitNameRefused} */
export function branchRef(branch: string): string {
  return `refs/heads/${assertBranch(branch)}`;
}

/** The full ref of a tag. @throws {GitNameRefused} */
export function tagRef(tag: string): string {
  return `refs/tags/${assertTag(tag)}`;
}

/** A branch's short name, unchanged. @throws {GitNameRefused} when it cannot be one, such as `--upload-pack=x`. */
export function assertBranch(branch: string): string {
  if (branch !== 'HEAD' && !branch.startsWith('refs/') && isSafeRefName(`refs/heads/${branch}`))
    return branch;
  throw new GitNameRefused(`${JSON.stringify(branch)} is no name for a branch. Nothing was run.`);
}

/** A tag's short name, unchanged. @throws {GitNameRefused} */
export function assertTag(tag: string): string {
  if (!tag.startsWith('refs/') && isSafeRefName(`refs/tags/${tag}`)) return tag;
  throw new GitNameRefused(`${JSON.stringify(tag)} is no name for a tag. Nothing was run.`);
}

/** A full object id (40 or 64 lower-case hex digits), unchanged. @throws {GitNameRefused} */
export function assertSha(sha: string): string {
  if (SHA.test(sha)) return sha;
  throw new GitNameRefused(`${JSON.stringify(sha)} is no full commit id. Nothing was run.`);
}

/**
 * A path of a file in a repository, unchanged: relative, without empty, `.`, `..` and `.git` parts, without
 * backslashes and control characters. @throws {GitNameRefused}
 */
export function assertRepositoryPath(path: string): string {
  const parts = path.split('/');
  const fine =
    path.length <= 4_000 &&
    !/[\u0000-\u001f\u007f\\]/.test(path) &&
    parts.every(
      (part) => part !== '' && part !== '.' && part !== '..' && !/^\.git[ .]*$|^git~\d+$/i.test(part),
    );
  if (fine) return path;
  throw new GitNameRefused(
    `${JSON.stringify(path)} is no path of a file in a repository. Nothing was written.`,
  );
}

/**
 * A remote's address, unchanged: `https:`, `ssh:` or `git@host:path`, `file:` or an absolute path, and `http:` on this
 * machine only. No password in it: a credential in an address ends up in logs and in process lists.
 * @throws {GitNameRefused}
 */
export function assertRemoteUrl(url: string): string {
  const refuse = (why: string): never => {
    throw new GitNameRefused(`This address of a repository cannot be used: ${why}. Nothing was run.`);
  };
  if (/[\u0000-\u0020\u007f]/.test(url) || url.startsWith('-'))
    refuse('it has blanks or control characters, or starts with a dash');
  if (url.startsWith('/')) return url;
  if (/^[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:(?!\/\/)[^-].*$/.test(url)) return url;
  if (!URL.canParse(url)) return refuse('it is neither an absolute path nor an address');
  const { protocol, hostname, password, username } = new URL(url);
  if (!['https:', 'http:', 'ssh:', 'file:'].includes(protocol))
    refuse(`"${protocol}" is not allowed; use https, ssh or a path`);
  if (hostname.startsWith('-') || username.startsWith('-')) refuse('its host or user starts with a dash');
  if (password !== '' || (username !== '' && protocol !== 'ssh:')) {
    refuse('it has a credential in it; put that into the worker configuration as a token');
  }
  if (protocol === 'http:' && !LOOPBACK.test(hostname))
    refuse('http would show the credential to the network; use https');
  return url;
}
