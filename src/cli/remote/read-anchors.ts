/**
 * What was written down of the audit trail outside Temporal and outside the API: in the message of the release's tag,
 * and on its release page. Read from there directly, since the API is among what is audited.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askMirror, askRemote, openMirror } from '../../integrations/git/mirror.ts';
import { tagRef } from '../../integrations/git/names.ts';
import type { ReleaseRecord } from '../../release/record.ts';
import type { ProductSettings } from '../../release/settings.ts';

/** One place where the head of the chain stands. */
export interface Anchor {
  /** Such as `the message of the tag v1.3.0`. */
  place: string;
  /** Absent where the place is there and holds none. */
  digest?: string;
  /** Why the place could not be looked at. */
  unread?: string;
}

const LIMIT_MS = 30_000;
const ANCHOR = /^Audit: `?(sha256:[0-9a-f]{64})`?\s*$/m;

/** The places where this release must have left its anchor: none before it is tagged. Total. */
export async function readAnchors(
  record: ReleaseRecord,
  product: Pick<ProductSettings, 'repositoryUrl' | 'github'>,
  access: { gitToken?: string; githubToken?: string },
): Promise<Anchor[]> {
  const isDone = (id: string) => record.steps.some((step) => step.id === id && step.status === 'done');
  const tag = record.plan?.tag;
  if (tag === undefined) return [];
  return [
    ...(isDone('finalize.tag') ? [await readTag(product.repositoryUrl, tag, access.gitToken)] : []),
    ...(isDone('finalize.release_page') && product.github
      ? [await readPage(product.github, tag, access.githubToken)]
      : []),
  ];
}

async function readTag(url: string, tag: string, token: string | undefined): Promise<Anchor> {
  const place = `the message of the tag ${tag}`;
  const folder = await mkdtemp(join(tmpdir(), 'windlass-audit-'));
  try {
    const mirror = await openMirror({ url, folder, token, signal: AbortSignal.timeout(LIMIT_MS) });
    const ref = tagRef(tag);
    await askRemote(mirror, [
      'fetch',
      '--quiet',
      '--no-tags',
      '--depth=1',
      '--',
      mirror.url,
      `${ref}:${ref}`,
    ]);
    const { stdout } = await askMirror(mirror, ['for-each-ref', '--format=%(contents)', ref]);
    return found(place, stdout.toString('utf8'));
  } catch (error) {
    return { place, unread: firstLine(error) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readPage(
  github: NonNullable<ProductSettings['github']>,
  tag: string,
  token: string | undefined,
): Promise<Anchor> {
  const place = `the release page of ${tag}`;
  const parts = ['repos', github.owner, github.repo, 'releases', 'tags', tag].map(encodeURIComponent);
  try {
    const answer = await fetch(`${github.apiUrl.replace(/\/$/, '')}/${parts.join('/')}`, {
      headers: {
        accept: 'application/vnd.github+json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      redirect: 'error',
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    if (!answer.ok) {
      const hint = token === undefined ? '; GITHUB_TOKEN is not set' : '';
      return { place, unread: `${new URL(github.apiUrl).host} answered ${answer.status}${hint}` };
    }
    const { body } = (await answer.json()) as { body?: unknown };
    return found(place, typeof body === 'string' ? body : '');
  } catch (error) {
    return { place, unread: firstLine(error) };
  }
}

function found(place: string, text: string): Anchor {
  const digest = ANCHOR.exec(text)?.[1];
  return { place, ...(digest === undefined ? {} : { digest }) };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 200) ?? '';
}
