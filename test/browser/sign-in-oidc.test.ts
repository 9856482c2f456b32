import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EVE, type OidcApp, startOidcApp } from '../api/support/oidc-app.ts';
import { hasBrowser, openBrowser } from './browser.ts';

let oidc: OidcApp;
let world: OidcApp['world'];
let url: string;

beforeEach(async () => {
  oidc = await startOidcApp();
  ({ world, url } = oidc);
});

afterEach(async () => {
  await oidc?.stop();
});

describe.skipIf(!hasBrowser())('in a browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser?.close();
  });

  test('somebody signs in at the provider, and approves with the keyboard alone', async () => {
    const problems: string[] = [];
    const context = await browser.newContext();
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(`${url}/releases/shop`);
    await page.getByRole('link', { name: 'Sign in with your identity provider' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Login').focus();
    await page.keyboard.type(EVE.login);
    await page.keyboard.press('Tab');
    await page.keyboard.type(EVE.password);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}/releases/shop`);

    // From the top of the page by Tab, as somebody without a mouse goes.
    const tabTo = async (text: string) => {
      for (let press = 0; press < 60; press++) {
        await page.keyboard.press('Tab');
        const focused = String(await page.evaluate('document.activeElement?.textContent ?? ""'));
        if (focused.startsWith(text)) return;
      }
      throw new Error(`no way to "${text}" by the keyboard`);
    };
    await tabTo('Approve: go live');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Approve 1.3.0 in production' }).waitFor();
    await tabTo('Approve 1.3.0');
    await page.keyboard.press('Enter');
    await page.getByText('Sent: approve').waitFor();
    expect(JSON.parse(world.gateway.signals[0]?.argument.signed ?? '{}')).toMatchObject({
      name: 'approve',
      gate: 'go_live',
      person: EVE.login,
      role: 'ceo',
    });
    expect(problems).toEqual([]);
    await context.close();
  });
});
