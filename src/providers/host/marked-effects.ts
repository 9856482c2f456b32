/**
 * Issues and comments as effects, the same on every host: none has an idempotency key, so what we wrote carries a hidden
 * marker with the effect's key, and is found again by it.
 */
import { cutText } from '../../release/views/markdown.ts';
import type { Host, HostEffect, HostedRepository, NewComment, NewIssue } from './host.ts';

/** As whom we write: a marker that somebody else planted does not count. Nothing for a token that does not tell. */
export type Author = () => Promise<{ author?: string }>;

/** What a host's own calls do for issues and comments. */
export interface MarkedCalls {
  /** The most characters that an issue may have, less those of the marker. */
  longestIssue: number;
  /** What stands before a pull request's number, such as `#` or `!`. */
  mark: string;
  /** The login that the token writes as; asked for once. */
  readLogin(): Promise<string | undefined>;
  findIssue(wanted: { key: string; author?: string }): Promise<{ url: string; number: number } | undefined>;
  createIssue(issue: Pick<NewIssue, 'key' | 'title' | 'body' | 'labels'>): Promise<unknown>;
  findComment(wanted: { number: number; key: string; author?: string }): Promise<string | undefined>;
  createComment(comment: NewComment): Promise<unknown>;
}

/** A host's issues and comments, each written once for its key. */
export function markEffects(calls: MarkedCalls): {
  author: Author;
  openIssue: Host['openIssue'];
  comment: HostedRepository['comment'];
} {
  let login: Promise<string | undefined> | undefined;
  const author: Author = async () => {
    login ??= calls.readLogin();
    const known = await login;
    return known === undefined ? {} : { author: known };
  };
  return {
    author,
    openIssue: (issue) =>
      describeIssue(issue, {
        longest: calls.longestIssue,
        find: async (key) => await calls.findIssue({ key, ...(await author()) }),
        create: (written) => calls.createIssue(written),
      }),
    comment: (comment) =>
      describeComment(comment, {
        reference: `${calls.mark}${comment.number}`,
        find: async () =>
          await calls.findComment({ number: comment.number, key: comment.key, ...(await author()) }),
        create: (written) => calls.createComment(written),
      }),
  };
}

/**
 * An issue that is opened once.
 *
 * @param host.longest the most characters that the host takes, less those of the marker
 * @param host.find the issue that we opened for this key, read from the host
 */
function describeIssue(
  issue: NewIssue,
  host: {
    longest: number;
    find(key: string): Promise<{ url: string; number: number } | undefined>;
    create(issue: Pick<NewIssue, 'key' | 'title' | 'body' | 'labels'>): Promise<unknown>;
  },
): HostEffect<{ url: string }> {
  const { key, title, labels } = issue;
  return {
    name: 'issue',
    key,
    target: `issue "${title}"`,
    read: async () => {
      const found = await host.find(key);
      return found ? { is: 'ours', value: { url: found.url }, proof: `#${found.number}` } : { is: 'absent' };
    },
    write: async () => {
      await host.create({ key, title, body: cutText(issue.body, host.longest), labels });
    },
  };
}

/**
 * A comment that is written once.
 *
 * @param host.reference the pull request as the host writes it, such as `#3` or `!3`
 * @param host.find the address of the comment that we wrote for this key, read from the host
 */
function describeComment(
  comment: NewComment,
  host: {
    reference: string;
    find(): Promise<string | undefined>;
    create(comment: NewComment): Promise<unknown>;
  },
): HostEffect<{ url: string }> {
  return {
    name: 'comment',
    key: comment.key,
    target: `comment on ${host.reference}`,
    read: async () => {
      const url = await host.find();
      return url === undefined ? { is: 'absent' } : { is: 'ours', value: { url }, proof: url };
    },
    write: async () => {
      await host.create(comment);
    },
  };
}
