import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import { applyEvent } from '../../src/release/record/transitions.ts';
import { type PersonName, startTestApp, type TestApp, tokenOf } from '../api/support/test-app.ts';
import type { SampleEvent } from '../release/views/sample-record.ts';
import {
  recordAfter,
  SAMPLE_PLAN,
  sampleDecision,
  UNTIL_GO_LIVE,
  UNTIL_MONITORING,
} from '../release/views/sample-record.ts';
import { hasBrowser, openBrowser } from './browser.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Set it to keep a picture of each page. */
const PICTURES = process.env['WINDLASS_TEST_PICTURES'];

const HOSTILE =
  '<img src=x onerror="document.title=1"><script>document.title=2</script> " onclick=alert(1) `';

describe.skipIf(!hasBrowser())('in a browser', () => {
  let browser: Browser;
  let world: TestApp;
  let url: string;
  const pages: Page[] = [];
  let problems: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    world = await startTestApp();
    url = await world.app.listen({ host: '127.0.0.1', port: 0 });
    world.installation.api.url = url;
    world.gateway.texts.set(
      SAMPLE_PLAN.notes.digest,
      '# Shop 1.3.0\n\n- **Gift cards**: for everybody (#12)\n- [docs](https://docs.shop.test/gift)',
    );
    problems = [];
  });

  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close();
    await world.close();
    expect(problems).toEqual([]);
  });

  /** A window of its own, signed in, in which every error of a script or of the policy is noticed. */
  async function enter(
    who: PersonName,
    path = '/',
    size = { width: 1_000, height: 900 },
    scheme: 'light' | 'dark' = 'light',
  ): Promise<Page> {
    const context = await browser.newContext({ viewport: size, colorScheme: scheme });
    const page = await context.newPage();
    pages.push(page);
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(`${url}${path}`);
    await page.getByLabel('Your token').fill(tokenOf(who));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${url}${path}`);
    return page;
  }

  async function findAccessibilityFaults(page: Page): Promise<string[]> {
    // The policy lets no script in but ours; the debugger's own way in is not the page's.
    const source = await (await import('node:fs/promises')).readFile(AXE, 'utf8');
    await page.evaluate(source);
    const found = (await page.evaluate('axe.run()')) as {
      violations: { id: string; nodes: { html: string }[] }[];
    };
    return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES === undefined) return;
    await mkdir(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
  }

  /** What the workflow would do with the signals that the API has sent. */
  function takeDecisions(record: ReleaseRecord): ReleaseRecord {
    const decided = world.gateway.signals.splice(0).reduce((now, signal) => {
      const command = JSON.parse(signal.argument.signed);
      return applyEvent(now, {
        event: 'decided',
        at: command.issuedAt,
        decision: sampleDecision({
          nonce: command.nonce,
          person: command.person,
          role: command.role,
          decision: command.name,
          gate: command.gate,
          subject: command.subject,
          at: command.issuedAt,
        }),
      });
    }, record);
    world.gateway.put(decided);
    return decided;
  }

  test('somebody signs in, reads, approves, and two watch each other decide without reloading', async () => {
    let record = recordAfter(UNTIL_GO_LIVE);
    world.gateway.put(record);
    const ada = await enter('ada');
    await ada.getByRole('link', { name: 'Shop 1.3.0: go_live' }).click();
    await ada.getByRole('heading', { name: 'Shop 1.3.0', exact: true }).waitFor();
    await ada.getByText('Release notes', { exact: true }).click();
    expect(await ada.getByText('Gift cards', { exact: true }).isVisible()).toBe(true);
    await picture(ada, 'release');

    const lee = await enter('lee', '/releases/shop');
    await ada.getByRole('link', { name: 'Approve: go live' }).click();
    const confirm = ada.getByRole('button', { name: 'Approve 1.3.0 in production' });
    expect(await ada.getByText('You decide as').isVisible()).toBe(true);
    await picture(ada, 'confirm');
    await confirm.click();
    await ada.getByText('Sent: approve').waitFor();
    expect(world.gateway.signals).toHaveLength(1);
    record = takeDecisions(record);
    // Neither of the two windows is reloaded from here on.
    await lee.getByText('ada as CEO approved').waitFor();
    await ada.getByText('ada as CEO approved').waitFor();
    expect(await ada.getByRole('link', { name: 'Approve: go live' }).count()).toBe(0);

    await lee.getByRole('link', { name: 'Approve: go live' }).click();
    await lee.getByRole('button', { name: 'Approve 1.3.0 in production' }).click();
    await lee.getByText('Sent: approve').waitFor();
    takeDecisions(record);
    await ada.getByText('lee as Engineering Lead approved').waitFor();
    expect(await ada.getByRole('status').first().textContent()).not.toBe('');
  });

  test('no page has an accessibility fault, in light and dark, on a phone and a desk', {
    timeout: 300_000,
  }, async () => {
    const rich = recordAfter([
      ...UNTIL_MONITORING,
      {
        event: 'monitoring',
        monitoring: {
          level: 'enhanced',
          windowMs: 3_600_000,
          observedMs: 900_000,
          startedAt: '2026-11-20T11:31:00.000Z',
          status: 'watching',
          samples: 60,
          reason: 'no regression so far',
          checks: [{ name: 'error rate', verdict: 'pass', reason: 'like before', points: [1, 2, 1.5, 3, 2] }],
        },
      },
      {
        event: 'incident',
        incident: {
          id: 'i',
          at: '2026-11-20T11:40:00.000Z',
          severity: 'high',
          summary: 'checkout is slow',
          reportedBy: 'quinn',
          verified: true,
          deadline: '2026-11-20T11:55:00.000Z',
        },
      },
      {
        event: 'step_failed',
        id: 'production.smoke',
        failure: {
          type: 'ScriptFailed',
          what: 'it broke',
          changed: 'nothing',
          next: 'look',
          logTail: 'line 1\nline 2',
        },
      },
      { event: 'waiting', waiting: { for: ['on_call'], reason: 'high', actions: ['rollback', 'dismiss'] } },
    ]);
    world.gateway.put(rich);
    world.gateway.put({ ...recordAfter(UNTIL_GO_LIVE), kind: 'hotfix' });
    // A release whose texts can be edited.
    const waiting = recordAfter(UNTIL_GO_LIVE, 'library');
    const review = { ...waiting.approvals.at(-1)!, key: 'changelog_review' as const };
    const stands: Record<string, ReleaseRecord> = {
      '/releases/library/edit': {
        ...waiting,
        approvals: [...waiting.approvals, { ...review, required: ['release_manager'], decisions: [] }],
      },
      '/start/library': recordAfter(
        [{ event: 'ended', outcome: 'aborted', ending: 'x', remains: [] }],
        'library',
      ),
    };
    const [desk, phone] = [
      { width: 1_000, height: 900 },
      { width: 360, height: 740 },
    ];
    for (const [scheme, size] of [
      ['light', desk],
      ['dark', desk],
      ['light', phone],
      ['dark', phone],
    ] as const) {
      const page = await enter('rita', '/', size, scheme);
      for (const path of [
        '/',
        '/releases/shop',
        '/releases/shop?kind=hotfix',
        '/releases/shop/act/approve?kind=hotfix&gate=go_live',
        '/releases/shop/act/reject?kind=hotfix&gate=go_live',
        '/releases/library/edit',
        '/releases/shop/act/rollback',
        '/releases/shop/act/incident',
        '/start/library',
        '/docs',
        '/sign-in',
        '/releases/nothing',
      ]) {
        const stand = stands[path];
        if (stand) world.gateway.put(stand);
        const answer = await page.goto(`${url}${path}`);
        if (path === '/releases/nothing') problems = problems.filter((one) => !one.includes('404'));
        expect(answer?.status()).toBe(path === '/releases/nothing' ? 404 : 200);
        expect([path, scheme, await findAccessibilityFaults(page)]).toEqual([path, scheme, []]);
        // Nothing is wider than the screen.
        const overflow = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect([path, overflow]).toEqual([path, 0]);
        await picture(page, `${path.replaceAll(/[/?&=]/g, '_')}-${scheme}-${size.width}`);
      }
    }
  });

  test('hostile texts of commits, notes and people stay text', async () => {
    const events = UNTIL_GO_LIVE.map(
      (event): SampleEvent =>
        event.event === 'planned'
          ? {
              ...event,
              title: `Shop ${HOSTILE}`,
              plan: {
                ...event.plan,
                highlights: HOSTILE,
                concerns: [HOSTILE],
                version: '1.3.0',
                included: [{ sha: 'c'.repeat(40), subject: HOSTILE, type: 'feat', author: HOSTILE }],
              },
            }
          : event,
    );
    world.gateway.put(
      recordAfter([
        ...events,
        { event: 'environment', environment: { name: 'staging', url: 'javascript:document.title=3' } },
        { event: 'linked', name: HOSTILE, url: 'javascript:document.title=4' },
        { event: 'held', by: HOSTILE, reason: HOSTILE },
      ]),
    );
    world.gateway.texts.set(
      SAMPLE_PLAN.notes.digest,
      `${HOSTILE}\n\n[a](javascript:document.title=5) [b](data:text/html,x) [c](http://plain.test) <b>x</b> ![i](https://evil.test/i.png)\n\n[d](https://good.test 'x" onclick="alert(1)')`,
    );
    const page = await enter('otto', '/releases/shop');
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await page.title()).toContain('<img src=x');
    const found = await page.evaluate(`(() => {
      const all = (selector) => [...document.querySelectorAll(selector)];
      return {
        images: all('main img, main script, main iframe, main b').length,
        handlers: all('*').filter((one) => one.getAttributeNames().some((name) => name.startsWith('on'))).length,
        links: all('#live a').map((one) => one.getAttribute('href')).filter((href) => !href.startsWith('/')),
      };
    })()`);
    expect(found).toEqual({
      images: 0,
      handlers: 0,
      links: ['https://evil.test/i.png', 'https://good.test', expect.stringContaining('127.0.0.1:8233')],
    });
  });

  test('without scripts, and when the stream fails, the page still shows and decides', async () => {
    world.gateway.put(recordAfter(UNTIL_GO_LIVE));
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    pages.push(page);
    await page.goto(`${url}/releases/shop`);
    await page.getByLabel('Your token').fill(tokenOf('ada'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'Reject: go live' }).click();
    await page.getByLabel('Why').fill('not before Monday');
    await page.getByRole('button', { name: 'Reject 1.3.0 in production' }).click();
    await page.getByText('Sent: reject').waitFor();
    expect(JSON.parse(world.gateway.signals[0]?.argument.signed ?? '{}')).toMatchObject({
      name: 'reject',
      reason: 'not before Monday',
    });
  });

  test('the reviewer edits the texts on the page', async () => {
    const gate = {
      ...recordAfter(UNTIL_GO_LIVE).approvals[0]!,
      key: 'changelog_review' as const,
      status: 'open' as const,
      decisions: [],
      required: ['release_manager' as const],
    };
    world.gateway.put(recordAfter([...UNTIL_GO_LIVE.slice(0, 6), { event: 'approval_opened', gate }]));
    const page = await enter('rita', '/releases/shop');
    await page.getByRole('link', { name: 'Edit texts' }).click();
    await page.getByLabel('Release notes').fill('# Better notes');
    await picture(page, 'edit');
    await page.getByRole('button', { name: 'Save for 1.3.0' }).click();
    await page.getByText('Sent: edit notes').waitFor();
    const command = JSON.parse(world.gateway.signals[0]?.argument.signed ?? '{}');
    expect(world.gateway.texts.get(command.notes)).toBe('# Better notes');
  });
});
