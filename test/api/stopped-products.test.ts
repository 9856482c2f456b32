import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordAfter, SUBJECT, UNTIL_GO_LIVE } from '../release/views/sample-record.ts';
import { startTestApp, type TestApp } from './support/test-app.ts';

let world: TestApp;

beforeEach(async () => {
  world = await startTestApp();
});

afterEach(async () => {
  await world.close();
});

const MISTAKE = {
  path: 'products.shop.registeries',
  line: 7,
  column: 5,
  expected: 'a key of a product',
  found: '"registeries"',
};
const WHY = 'at products.shop.registeries (line 7): expected a key of a product';

/** As a process that was started on a file with a mistake in what it says of the shop. */
function stopShop(): void {
  world.installation.stopped = { shop: [MISTAKE] };
  delete world.installation.products['shop'];
}

/** As a process that runs while that mistake is made. */
function editShop(): void {
  world.installation.stopped = { shop: [MISTAKE] };
}

describe('a product that its configuration stops', () => {
  test('starts nothing, and says why and what to do; the others start', async () => {
    stopShop();
    const refused = await world.ask('rita', 'POST', '/v1/releases', { product: 'shop' });
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({
      type: 'urn:windlass:problem:product-stopped',
      detail: expect.stringContaining(WHY),
      hint: expect.stringContaining('windlass config check'),
    });
    expect((await world.ask('rita', 'POST', '/v1/releases', { product: 'library' })).statusCode).toBe(202);
  });

  test('is named with its reason by the list of products and on the first page, and has no button there', async () => {
    stopShop();
    const listed = await world.ask('rita', 'GET', '/v1/products');
    expect(listed.json()).toMatchObject({
      products: [{ name: 'library' }],
      stopped: [{ name: 'shop', why: expect.stringContaining(WHY) }],
    });
    const page = await world.ask('rita', 'GET', '/');
    expect(page.body).toContain('Stopped by the configuration');
    expect(page.body).toContain('products.shop.registeries (line 7)');
    expect(page.body).toContain('/start/library');
    expect(page.body).not.toContain('/start/shop');
  });

  test('is still looked at: status and page of what is in flight say that it is stopped, and why', async () => {
    world.gateway.put(recordAfter(UNTIL_GO_LIVE));
    stopShop();
    const status = await world.ask('rita', 'GET', '/v1/releases/shop');
    expect(status.json()).toMatchObject({ open: true, stopped: expect.stringContaining(WHY) });
    const page = await world.ask('rita', 'GET', '/releases/shop');
    expect(page.body).toContain('Stopped by its configuration');
  });

  test('can be held and ended; what is decided by its rules waits until they can be read', async () => {
    world.gateway.put(recordAfter(UNTIL_GO_LIVE));
    stopShop();
    const held = await world.ask('rita', 'POST', '/v1/releases/shop/hold', { comment: 'look at the file' });
    expect(held.statusCode).toBe(202);
    const approved = await world.ask('ada', 'POST', '/v1/releases/shop/approvals/go_live', {
      decision: 'approve',
      subject: SUBJECT,
    });
    expect(approved.json()).toMatchObject({ type: 'urn:windlass:problem:product-stopped' });
  });

  test('by an edit while the API runs: what is in flight goes on by the rules of before, nothing new begins', async () => {
    world.gateway.put(recordAfter(UNTIL_GO_LIVE));
    editShop();
    const approved = await world.ask('ada', 'POST', '/v1/releases/shop/approvals/go_live', {
      decision: 'approve',
      subject: SUBJECT,
    });
    expect(approved.statusCode).toBe(202);
    const refused = await world.ask('rita', 'POST', '/v1/releases', { product: 'shop' });
    expect(refused.json()).toMatchObject({ type: 'urn:windlass:problem:product-stopped' });
    expect((await world.ask('rita', 'GET', '/')).body).not.toContain('/start/shop');
  });
});
