import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../../src/activities/deps.ts';
import { notify } from '../../../src/activities/support/notify.ts';
import { openFolderStore } from '../../../src/providers/store/folder/folder-store.ts';
import { findFreePort } from '../../support/network/free-port.ts';
import { startHttpRecorder } from '../../support/network/http-recorder.ts';
import { startSmtp } from '../../support/server/smtp.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  delete process.env['TEST_NOTIFY_SLACK'];
  for (const clean of cleanups.splice(0)) await clean();
});

const notice = {
  id: 'shop-1/approval',
  product: 'shop',
  releaseId: 'shop-1',
  channel: 'team',
  subject: 'go-live of 1.2.0',
  text: 'please decide',
};

/** A channel with each way of telling there is; the last webhook is away. */
async function makeWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'windlass-notify-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const recorder = await startHttpRecorder();
  cleanups.push(recorder.stop);
  const smtp = await startSmtp();
  cleanups.push(smtp.stop);
  process.env['TEST_NOTIFY_SLACK'] = `${recorder.url}slack`;
  const file = join(folder, 'notices', 'team.jsonl');
  const deps = {
    role: 'support',
    installation: {
      file: 'windlass.yaml',
      api: { url: 'http://windlass.test' },
      secrets: { slack_url: { source: { env: 'TEST_NOTIFY_SLACK' }, readers: ['support'] } },
      mail: { host: smtp.host, port: smtp.port, secure: false, from: 'windlass@example.test' },
      channels: {
        team: [
          { slack: 'slack_url' },
          { email: ['team@example.test'] },
          { webhook: `${recorder.url}hook` },
          { file },
          { webhook: `http://127.0.0.1:${await findFreePort()}/` },
        ],
      },
    },
    store: await openFolderStore(join(folder, 'store')),
    signal: () => new AbortController().signal,
    isOwned: () => true,
    barrier: async () => {},
  } as unknown as ActivityDeps;
  return { deps, file, mails: smtp.mails, requests: recorder.requests };
}

describe('telling a channel', () => {
  it('uses each of its ways once, with a link, and names those that failed', async () => {
    const { deps, file, mails, requests } = await makeWorld();
    const first = await notify(deps)(notice);
    expect(first.sent).toEqual(['Slack', 'mail', 'webhook', 'notice file']);
    expect(first.failed).toEqual([expect.stringMatching(/^webhook: The webhook at .* cannot be reached/)]);
    expect(requests.map(({ path }) => path)).toEqual(['/slack', '/hook']);
    expect(requests[1]?.headers['webhook-id']).toBe(notice.id);
    const [line = ''] = (await readFile(file, 'utf8')).split('\n');
    expect(JSON.parse(line)).toMatchObject({ id: notice.id, title: notice.subject });
    const link = /http:\/\/windlass\.test\/\S*shop/;
    for (const text of [requests[0]?.body, requests[1]?.body, line, mails[0]?.source])
      expect(text).toMatch(link);
    // Again: only what failed is tried again.
    const again = await notify(deps)(notice);
    expect(again).toMatchObject({ sent: first.sent, failed: [expect.any(String)], perhapsTwice: [] });
    expect([requests.length, mails.length]).toEqual([2, 1]);
  });
});
