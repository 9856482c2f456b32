/**
 * What was written down of the audit trail outside Temporal and outside the API: in the message of the release's tag,
 * and on its release page. Read from there directly, since the API is among what is audited.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askMirror, askRemote, openMirror } from '../../../integrations/git/mirror/mirror.ts';
import { tagRef } from '../../../integrations/git/names.ts';
import { findHost } from '../../../providers/host/hosts.ts';
import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import type { ReleaseRecord } from '../../../release/record/record.ts';
import type { HostSettings, ProductSettings } from '../../../release/settings.ts';

/** One place where the head of the chain stands. */
export interface Anchor {
  /** Such as `the message of the tag v1.3.0`. */
  place: string;
  /** Absent where the place is there and holds none. */
  digest?: string;
  /** Why the place could not be looked at. */
  unread?: string;
}

const ANCHOR = /^Audit: `?(sha256:[0-9a-f]{64})`?\s*$/m;

/** The places where this release must have left its anchor: none before it is tagged. Total. */
export async function readAnchors(
  record: ReleaseRecord,
  product: Pick<ProductSettings, 'repositoryUrl' | 'host'>,
  access: { gitToken?: string; hostTokens: Partial<Record<string, string>> },
): Promise<Anchor[]> {
  const isDone = (id: string) => record.steps.some((step) => step.id === id && step.status === 'done');
  const tag = record.plan?.tag;
  if (tag === undefined) return [];
  return [
    ...(isDone('finalize.tag') ? [await readTag(product.repositoryUrl, tag, access.gitToken)] : []),
    ...(isDone('finalize.release_page') && product.host
      ? [await readPage(product.host, tag, access.hostTokens[product.host.kind])]
      : []),
  ];
}

async function readTag(url: string, tag: string, token: string | undefined): Promise<Anchor> {
  const place = `the message of the tag ${tag}`;
  const folder = await mkdtemp(join(tmpdir(), 'windlass-audit-'));
  try {
    const mirror = await openMirror({ url, folder, token, signal: AbortSignal.timeout(LIMITS_MS.request) });
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

async function readPage(host: HostSettings, tag: string, token: string | undefined): Promise<Anchor> {
  const place = `the release page of ${tag}`;
  const kind = findHost(host.kind);
  try {
    const page = await kind.readPage({
      settings: host,
      tag,
      token,
      signal: AbortSignal.timeout(LIMITS_MS.request),
    });
    if ('text' in page) return found(place, page.text);
    const hint = token === undefined ? `; ${kind.tokenVariable} is not set` : '';
    return { place, unread: `${page.unread}${hint}` };
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
