import { afterEach, describe, expect, it } from 'vitest';
import { recordAfter, SAMPLE_PLAN, UNTIL_GO_LIVE } from '../release/views/sample-record.ts';
import { startTestApp, type TestApp, tokenOf } from './support/test-app.ts';

let world: TestApp | undefined;

afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function read(path: string): Promise<string> {
  world ??= await startTestApp();
  const record = recordAfter(UNTIL_GO_LIVE);
  const plan = { ...record.plan!, concerns: ['migrations <b>are not</b> backward compatible'] };
  world.gateway.put({ ...record, plan });
  world.gateway.texts.set(SAMPLE_PLAN.notes.digest, '## What is new\n\nGift cards');
  const headers = { authorization: `Bearer ${tokenOf('ada')}`, accept: 'text/html' };
  const answer = await world.app.inject({ method: 'GET', url: path, headers });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.body;
}

describe('a page that asks for a decision', () => {
  it('shows above its button what is decided: notes, gates, staging and risks', async () => {
    for (const act of ['approve', 'reject']) {
      const page = await read(`/releases/shop/act/${act}?gate=go_live`);
      const above = page.slice(0, page.indexOf('<form method="post" action="/releases'));
      expect(above).toContain('Gift cards');
      expect(above).toContain('Quality gates');
      expect(above).toMatch(/<dt>Staging<\/dt><dd><a href="http/);
      expect(above).toContain('migrations &lt;b&gt;are not&lt;/b&gt; backward compatible');
    }
  });

  it('is led to by a button with a name that a notice links, below what is decided', async () => {
    const page = await read('/releases/shop');
    const button = page.indexOf('id="do-approve-go_live"');
    expect(button).toBeGreaterThan(page.indexOf('id="plan"'));
    expect(page.indexOf('id="plan"')).toBeGreaterThan(0);
  });

  it('says at sign-in where a token comes from', async () => {
    world = await startTestApp();
    const page = await world.app.inject({ method: 'GET', url: '/sign-in' });
    expect(page.body).toContain('Whoever runs Windlass gives each person a token');
    expect(page.body).toContain('.windlass/keys/token-NAME');
  });
});
