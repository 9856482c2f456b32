import { createHmac, timingSafeEqual } from 'node:crypto';
import { createEmulator } from 'emulate';
import { afterEach, describe, expect, test } from 'vitest';
import { NotifyFailure } from '../../../src/providers/channel/failure.ts';
import { readRetryAfter } from '../../../src/providers/channel/post.ts';
import { escapeSlack, sendSlack } from '../../../src/providers/channel/slack/slack.ts';
import { sendWebhook } from '../../../src/providers/channel/webhook/webhook.ts';
import { findFreePort } from '../../support/network/free-port.ts';
import { type RecorderAnswer, startHttpRecorder } from '../../support/network/http-recorder.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

async function record(answer?: () => RecorderAnswer) {
  const recorder = await startHttpRecorder(answer);
  cleanups.push(recorder.stop);
  return recorder;
}

async function failureOf(promise: Promise<unknown>): Promise<NotifyFailure> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(NotifyFailure);
  return error as NotifyFailure;
}

describe('Slack', () => {
  test('sends text and blocks as JSON', async () => {
    const { url, requests } = await record();
    const blocks = [{ type: 'divider' }];
    await sendSlack({ webhookUrl: `${url}services/T0/B0/secret`, text: 'v1.2.0 is staged', blocks });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'POST', path: '/services/T0/B0/secret' });
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ text: 'v1.2.0 is staged', blocks });
  });

  test('a message arrives in the channel of a stateful Slack', async () => {
    const slack = await createEmulator({
      service: 'slack',
      port: await findFreePort(),
      seed: { slack: { tokens: [{ token: 'xoxb-reader' }] } },
    });
    cleanups.push(() => slack.close());
    const ask = async (
      method: string,
      body = '',
    ): Promise<Record<string, { id: string; name: string; text: string }[]>> => {
      const headers = {
        authorization: 'Bearer xoxb-reader',
        'content-type': 'application/x-www-form-urlencoded',
      };
      const response = await fetch(`${slack.url}/api/${method}`, { method: 'POST', headers, body });
      return (await response.json()) as Record<string, { id: string; name: string; text: string }[]>;
    };
    const general = (await ask('conversations.list'))['channels']?.find(({ name }) => name === 'general');
    // The webhook that the fake brings along; an unknown token lands in the same channel.
    const webhookUrl = `${slack.url}/services/T000000001/B000000001/X000000001`;
    await sendSlack({ webhookUrl, text: 'v1.2.0 is staged' });
    const history = await ask('conversations.history', `channel=${general?.id}`);
    expect(history['messages']?.map(({ text }) => text)).toContain('v1.2.0 is staged');
  });

  test('a webhook that was revoked is not retryable, and its secret address stays secret even if echoed', async () => {
    const { url } = await record(() => ({ status: 404, body: 'no_service: /services/T0/B0/secret' }));
    const failure = await failureOf(sendSlack({ webhookUrl: `${url}services/T0/B0/secret`, text: 'x' }));
    expect(failure).toMatchObject({ status: 404, retryable: false, outcome: 'unchanged' });
    expect(failure.message).toContain('no_service');
    expect(failure.message).not.toContain('secret');
  });

  test('429 carries how long to wait, 500 and a lost line are unknown, nobody there is unchanged', async () => {
    const answers: RecorderAnswer[] = [
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 500 },
      'cut',
    ];
    const { url } = await record(() => answers.shift() ?? 'cut');
    const busy = await failureOf(sendSlack({ webhookUrl: url, text: 'x' }));
    const broken = await failureOf(sendSlack({ webhookUrl: url, text: 'x' }));
    const lost = await failureOf(sendSlack({ webhookUrl: url, text: 'x' }));
    const away = await failureOf(
      sendSlack({ webhookUrl: `http://127.0.0.1:${await findFreePort()}/s`, text: 'x' }),
    );
    expect(busy).toMatchObject({ retryable: true, outcome: 'unchanged', retryAfterMs: 7000 });
    expect(broken).toMatchObject({ retryable: true, outcome: 'unknown', retryAfterMs: undefined });
    expect(lost).toMatchObject({ retryable: true, outcome: 'unknown' });
    expect(away).toMatchObject({ retryable: true, outcome: 'unchanged' });
  });

  test('gives up at the time limit and follows no redirect', async () => {
    const silent = await record(() => 'hang');
    const failure = await failureOf(sendSlack({ webhookUrl: silent.url, text: 'x', timeoutMs: 100 }));
    expect(failure).toMatchObject({ retryable: true, outcome: 'unknown' });
    const elsewhere = await record();
    const moved = await record(() => ({ status: 307, headers: { location: elsewhere.url } }));
    expect(await failureOf(sendSlack({ webhookUrl: moved.url, text: 'x' }))).toMatchObject({ status: 307 });
    expect(elsewhere.requests).toEqual([]);
  });

  test('outside text cannot call the whole channel', () => {
    expect(escapeSlack('fix: a & b <!channel>')).toBe('fix: a &amp; b &lt;!channel&gt;');
  });
});

describe('signed webhook', () => {
  test('a receiver can check id, time and body against the shared secret', async () => {
    const { url, requests } = await record();
    const secret = 'whsec_c2VjcmV0LWtleQ==';
    await sendWebhook({ url, body: { event: 'released', version: '1.2.0' }, secret, id: 'r1/notify/ceo' });
    const [request] = requests;
    if (!request) throw new Error('nothing arrived');
    const { headers, body } = request;
    expect(headers['webhook-id']).toBe('r1/notify/ceo');
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
    const signed = `r1/notify/ceo.${headers['webhook-timestamp']}.${body}`;
    const expected = createHmac('sha256', 'secret-key').update(signed).digest();
    const given = Buffer.from(String(headers['webhook-signature']).replace('v1,', ''), 'base64');
    expect(timingSafeEqual(expected, given)).toBe(true);
    expect(JSON.parse(body)).toEqual({ event: 'released', version: '1.2.0' });
  });
});

test('Retry-After is read as seconds or as a date, and nonsense is no time', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(readRetryAfter('120', now)).toBe(120_000);
  expect(readRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000);
  expect(readRetryAfter('soon', now)).toBeUndefined();
});
