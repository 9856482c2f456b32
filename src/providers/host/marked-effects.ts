/**
 * Issues and comments as effects, the same on every host: none has an idempotency key, so what we wrote carries a hidden
 * marker with the effect's key, and is found again by it.
 */
import { cutText } from '../../release/views/markdown.ts';
import type { HostEffect, NewComment, NewIssue } from './host.ts';

/**
 * An issue that is opened once.
 *
 * @param host.longest the most characters that the host takes, less those of the marker
 * @param host.find the issue that we opened for this key, read from the host
 */
export function describeIssue(
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
export function describeComment(
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
