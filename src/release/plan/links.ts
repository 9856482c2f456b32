/** Web addresses of commits, issues, pull requests and comparisons, in the forms of GitHub and GitLab. */
import type { Reference } from './references.ts';

export type Forge = 'github' | 'gitlab';

export interface Links {
  issue(reference: Reference): string | null;
  /** How a mention is written: `#12`, `!12` on GitLab, `owner/repo#12` for another project. */
  label(reference: Reference): string;
  pull(number: number): Reference;
  commit(sha: string): string | null;
  compare(from: string, to: string): string | null;
  tag(tag: string): string | null;
}

/**
 * The web address behind a git remote (`git@host:owner/repo.git`, `ssh://…`, `https://user:token@host/…`), without
 * credentials, or null for a local path or anything that is not plainly an address.
 */
export function webAddress(remote: string): string | null {
  const trimmed = remote.trim();
  const scp = /^(?:[\w.-]+@)([A-Za-z0-9][A-Za-z0-9.-]*):(?!\/)([\w.~/-]+)$/.exec(trimmed);
  const url =
    /^(https?|ssh|git|git\+ssh|git\+https):\/\/(?:[^@/\s]*@)?([A-Za-z0-9][A-Za-z0-9.-]*)(:\d+)?\/+([\w.~/-]+)$/.exec(
      trimmed,
    );
  const secure = url?.[1] === 'http' ? 'http' : 'https';
  // The port of ssh says nothing about the web server's.
  const port = url?.[1]?.startsWith('http') === true ? (url[3] ?? '') : '';
  const host = scp?.[1] ?? url?.[2];
  const path = (scp?.[2] ?? url?.[4])?.replace(/\/+$/, '').replace(/\.git$/, '');
  if (host === undefined || path === undefined || path === '' || /(?:^|\/)\.\.?(?:\/|$)/.test(path))
    return null;
  return `${secure}://${host.toLowerCase()}${port}/${path}`;
}

/** Which forms a host uses, by its name; a host of one's own counts as GitHub unless told otherwise. */
export function forgeOf(repositoryUrl: string | null): Forge {
  return repositoryUrl !== null && /^https?:\/\/[^/]*gitlab/i.test(repositoryUrl) ? 'gitlab' : 'github';
}

/** Makes the addresses for one repository; without an address every link is null and mentions stay plain text. */
export function makeLinks(repositoryUrl: string | null, forge: Forge = forgeOf(repositoryUrl)): Links {
  const base = repositoryUrl === null ? null : webAddress(repositoryUrl);
  const origin = base === null ? null : (/^https?:\/\/[^/]+/.exec(base)?.[0] ?? null);
  const own = base === null || origin === null ? null : base.slice(origin.length + 1);
  const dash = forge === 'gitlab' ? '/-' : '';
  const isOwn = (reference: Reference) =>
    reference.project === null ||
    (reference.project === own && (reference.origin === null || reference.origin === origin));
  return {
    pull: (number) => ({ kind: 'pull', project: null, origin: null, number }),
    label: (reference) => {
      const mark = forge === 'gitlab' && reference.kind === 'pull' ? '!' : '#';
      return `${isOwn(reference) ? '' : reference.project}${mark}${reference.number}`;
    },
    issue: (reference) => {
      const known =
        reference.origin === null || reference.origin === origin || isPublicForge(reference.origin);
      // An address on a host that nobody vouches for stays text: a commit must not plant links.
      if (!known) return null;
      const host = reference.origin ?? origin;
      const project = reference.project ?? own;
      if (host === null || project === null) return null;
      const there: Forge = host === origin ? forge : forgeOf(host);
      const kind = reference.kind === 'issue' ? 'issues' : there === 'gitlab' ? 'merge_requests' : 'pull';
      return `${host}/${project}${there === 'gitlab' ? '/-' : ''}/${kind}/${reference.number}`;
    },
    commit: (sha) => (base === null ? null : `${base}${dash}/commit/${encodePath(sha)}`),
    compare: (from, to) =>
      base === null ? null : `${base}${dash}/compare/${encodePath(from)}...${encodePath(to)}`,
    tag: (tag) => {
      if (base === null) return null;
      return forge === 'gitlab'
        ? `${base}/-/tags/${encodePath(tag)}`
        : `${base}/releases/tag/${encodePath(tag)}`;
    },
  };
}

function isPublicForge(origin: string): boolean {
  return origin === 'https://github.com' || origin === 'https://gitlab.com';
}

/** Encodes a ref for a path, parentheses too: they would end a Markdown link. */
function encodePath(ref: string): string {
  if (/^[\w.~@/-]*$/.test(ref)) return ref;
  return encodeURIComponent(ref)
    .replace(/%2F/g, '/')
    .replace(/%40/g, '@')
    .replace(/[()!'*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
