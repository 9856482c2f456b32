import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Whether there is a browser to test with. Without one the tests are skipped, loudly; in CI that is a failure. */
export function hasBrowser(): boolean {
  if (existsSync(CHROMIUM)) return true;
  const message = `No browser at ${CHROMIUM}: the pages are NOT tested in a browser (apt-get install chromium).`;
  if (process.env['CI']) throw new Error(message);
  console.warn(message);
  return false;
}

/** Debian's Chromium, alone with the loopback. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
