import { createServer } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { connectClient, connectWorker } from '../../src/temporal/connection.ts';
import { findFreePort } from '../../src/temporal/free-port.ts';
import { ensureSearchAttributes } from '../../src/temporal/search-attributes.ts';
import { TemporalProblem } from '../../src/temporal/temporal-problem.ts';
import {
  connectTestClient,
  createTestNamespace,
  readSharedTemporal,
} from '../support/server/temporal-server.ts';

describe('connecting', () => {
  const silent = createServer();
  afterAll(() => silent.close());

  test('to a server that is away tells its address and what to do within 5 seconds', async () => {
    const address = `127.0.0.1:${await findFreePort()}`;
    await expectProblem(
      () => connectClient({ address, namespace: 'default' }),
      new RegExp(`${address} does not answer.*windlass doctor`),
    );
    await expectProblem(() => connectWorker({ address, namespace: 'default' }), /does not answer/);
  });

  test('to something that accepts connections and never answers ends just as soon', async () => {
    const port = await findFreePort();
    await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
    await expectProblem(
      () => connectClient({ address: `127.0.0.1:${port}`, namespace: 'default' }),
      /does not answer/,
    );
  });

  test('to a namespace that does not exist names it', async () => {
    const { address } = readSharedTemporal();
    await expectProblem(() => connectClient({ address, namespace: 'nowhere' }), /no namespace "nowhere"/);
  });
});

describe('ensuring search attributes', () => {
  test('creates the missing ones, twice at once and again, and refuses another type', async () => {
    const { connection, close } = await connectTestClient();
    try {
      const namespace = await createTestNamespace(connection);
      const attributes = { TestProduct: 'Keyword', TestWaitingFor: 'KeywordList' } as const;
      const ensure = () => ensureSearchAttributes({ connection, namespace, attributes });
      await Promise.all([ensure(), ensure()]);
      expect(await ensure()).toEqual([]);
      const listed = await connection.operatorService.listSearchAttributes({ namespace });
      // 2 and 7 are Keyword and KeywordList in the server's own enumeration.
      expect(listed.customAttributes).toMatchObject({ TestProduct: 2, TestWaitingFor: 7 });
      await expect(
        ensureSearchAttributes({ connection, namespace, attributes: { TestProduct: 'Datetime' } }),
      ).rejects.toThrow(/TestProduct \(must be Datetime\).*Nothing was changed/);
    } finally {
      await close();
    }
  });
});

async function expectProblem(act: () => Promise<unknown>, message: RegExp): Promise<void> {
  const startedAt = Date.now();
  const error = await act().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TemporalProblem);
  expect((error as Error).message).toMatch(message);
  expect(Date.now() - startedAt).toBeLessThan(5_000);
}
