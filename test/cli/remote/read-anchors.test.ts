import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAnchors } from '../../../src/cli/remote/audit/read-anchors.ts';
import type { HostSettings } from '../../../src/release/settings.ts';
import { recordAfter, UNTIL_GO_LIVE } from '../../release/views/sample-record.ts';
import { type LocalHttp, startLocalHttp } from '../../support/network/local-server.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

let folder: string;
let server: LocalHttp;
let host: HostSettings;
let asked: (string | undefined)[];
let page: { status: number; body: string };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'windlass-anchors-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=x', '-c', 'user.email=x@example.test', ...args]);
  git('init', '--quiet');
  git('commit', '--quiet', '--allow-empty', '-m', 'x');
  git('tag', '-a', '-m', `Shop 1.3.0\n\nRelease-Id: r\nAudit: ${DIGEST}`, 'v1.3.0');
  git('tag', '-a', '-m', 'by hand', 'v1.4.0');
  asked = [];
  page = { status: 200, body: `# Shop\n\nAudit: \`${DIGEST}\`` };
  server = await startLocalHttp((request, response) => {
    asked.push(request.url, request.headers.authorization);
    response.writeHead(page.status).end(JSON.stringify({ body: page.body }));
  });
  const apiUrl = `${server.address}/api/v3`;
  host = { kind: 'github', project: 'acme/shop', apiUrl, token: 't' } as HostSettings;
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await server.stop();
});

const record = (tag: string, ...done: string[]) => {
  const made = recordAfter([
    ...UNTIL_GO_LIVE,
    ...done.flatMap((id) => [
      { event: 'step_started' as const, id, title: id },
      { event: 'step_done' as const, id },
    ]),
  ]);
  return { ...made, plan: { ...made.plan!, tag } };
};
const BOTH = ['finalize.tag', 'finalize.release_page'];

test('reads the anchor where it was left, in the tag and on the page, and nowhere before it was', async () => {
  const about = { repositoryUrl: folder, host };
  expect(await readAnchors(record('v1.3.0', ...BOTH), about, { hostTokens: { github: 'gh' } })).toEqual([
    { place: 'the message of the tag v1.3.0', digest: DIGEST },
    { place: 'the release page of v1.3.0', digest: DIGEST },
  ]);
  expect(asked).toEqual(['/api/v3/repos/acme/shop/releases/tags/v1.3.0', 'Bearer gh']);
  expect(await readAnchors(record('v1.3.0'), about, { hostTokens: {} })).toEqual([]);
});

test('tells a place that holds no anchor from one that could not be read', async () => {
  page = { status: 200, body: 'edited by hand' };
  expect(
    await readAnchors(record('v1.4.0', ...BOTH), { repositoryUrl: folder, host }, { hostTokens: {} }),
  ).toEqual([{ place: 'the message of the tag v1.4.0' }, { place: 'the release page of v1.4.0' }]);
  page = { status: 404, body: '' };
  const away = await readAnchors(
    record('v9.9.9', ...BOTH),
    { repositoryUrl: folder, host },
    { hostTokens: {} },
  );
  expect(away.map(({ unread }) => unread)).toEqual([
    expect.stringMatching(/\S/),
    expect.stringMatching(/answered 404; GITHUB_TOKEN is not set$/),
  ]);
});
