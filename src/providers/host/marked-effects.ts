/**
 * Issues and comments as effects, the same on every host: none has an idempotency key, so what we wrote carries a hidden
 * marker with the effect's key, and is found again by it.
 */
import { cutText } from '../../release/views/markdown.ts';
import type { Host, HostedRepository, NewComment, NewIssue } from './host.ts';

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
    openIssue: ({ key, title, body, labels }) => ({
      name: 'issue',
      key,
      target: `issue "${title}"`,
      read: async () => {
        const found = await calls.findIssue({ key, ...(await author()) });
        if (found === undefined) return { is: 'absent' };
        return { is: 'ours', value: { url: found.url }, proof: `#${found.number}` };
      },
      write: async () => {
        await calls.createIssue({ key, title, body: cutText(body, calls.longestIssue), labels });
      },
    }),
    comment: (comment) => ({
      name: 'comment',
      key: comment.key,
      target: `comment on ${calls.mark}${comment.number}`,
      read: async () => {
        const { number, key } = comment;
        const url = await calls.findComment({ number, key, ...(await author()) });
        return url === undefined ? { is: 'absent' } : { is: 'ours', value: { url }, proof: url };
      },
      write: async () => {
        await calls.createComment(comment);
      },
    }),
  };
}
