import { fileURLToPath } from 'node:url';
import { defaultPayloadConverter } from '@temporalio/common';
import { bundleWorkflowCode, type NativeConnection, Worker } from '@temporalio/worker';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isUndecodable } from '../../src/contracts/undecodable.ts';
import type { ConnectedClient } from '../../src/temporal/connection.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { payloadConverter } from '../../src/temporal/payload-converter.ts';
import { connectTestClient, connectTestWorker, makeUniqueName } from '../support/server/temporal-server.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('the payload converter', () => {
  test('decodes whatever bytes it is given to a value and never throws', () => {
    const metadata = fc.option(fc.dictionary(fc.constantFrom('encoding', 'messageType'), fc.uint8Array()));
    const encoding = fc
      .constantFrom('json/plain', 'json/protobuf', 'binary/null', 'binary/plain', 'x')
      .map(bytes);
    const payload = fc.record({
      metadata: fc.oneof(metadata, fc.record({ encoding })),
      data: fc.option(fc.uint8Array()),
    });
    fc.assert(
      fc.property(payload, (each) => {
        payloadConverter.fromPayload(each);
      }),
      { numRuns: 2_000 },
    );
    for (const hostile of [null, undefined, {}, { metadata: null }, { metadata: {}, data: bytes('{}') }]) {
      expect(isUndecodable(payloadConverter.fromPayload(hostile as never))).toBe(true);
    }
  });

  test('says why, in printable text of bounded length', () => {
    const encoding = bytes(`\u001b[31mevil\n${'x'.repeat(5_000)}`);
    const value = payloadConverter.fromPayload({ metadata: { encoding }, data: bytes('secret') });
    if (!isUndecodable(value)) throw new Error('It was decoded.');
    expect(value.bytes).toBe(6);
    expect(JSON.stringify(value).length).toBeLessThan(600);
    expect(JSON.stringify(value)).not.toMatch(/\\u001b|\\n|secret/);
  });

  test('encodes and decodes JSON values exactly as the SDK does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const payload = payloadConverter.toPayload(value);
        expect(payload).toEqual(defaultPayloadConverter.toPayload(value));
        expect(payloadConverter.fromPayload(payload)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('a workflow that is sent payloads which cannot be decoded', () => {
  let connected: ConnectedClient;
  let native: NativeConnection;
  let bundle: { code: string };

  beforeAll(async () => {
    connected = await connectTestClient();
    native = await connectTestWorker();
    const workflowsPath = fileURLToPath(new URL('./fixtures/workflows.ts', import.meta.url));
    const { payloadConverterPath } = createDataConverter();
    bundle = await bundleWorkflowCode({
      workflowsPath,
      ...(payloadConverterPath === undefined ? {} : { payloadConverterPath }),
    });
  });

  afterAll(async () => {
    await native?.close();
    await connected?.close();
  });

  test('hands them to the signal handler as values that say so, and goes on', async () => {
    const { client } = connected;
    const taskQueue = makeUniqueName('payloads');
    const workflowId = makeUniqueName('keep-notes');
    const send = (payload: object) =>
      client.workflowService.signalWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId },
        signalName: 'note',
        input: { payloads: [payload] },
      });
    const worker = await Worker.create({
      connection: native,
      taskQueue,
      workflowBundle: bundle,
      dataConverter: createDataConverter(),
    });
    const result = await worker.runUntil(async () => {
      const handle = await client.workflow.start('keepNotes', { taskQueue, workflowId, args: ['first'] });
      await send({ metadata: { encoding: bytes('json/plain') }, data: bytes('{"half":') });
      await send({ metadata: { encoding: bytes('binary/encrypted') }, data: bytes('????') });
      await send({ data: bytes('no metadata') });
      await send({});
      await handle.signal('note', 'sound');
      await handle.signal('finish');
      return (await handle.result()) as unknown[];
    });
    expect(result).toHaveLength(6);
    expect(result[0]).toBe('first');
    expect(result[1]).toMatchObject({ encoding: 'json/plain', bytes: 8 });
    expect(result[2]).toMatchObject({ encoding: 'binary/encrypted', bytes: 4 });
    expect(result.slice(1, 5).map(isUndecodable)).toEqual([true, true, true, true]);
    expect(result[5]).toBe('sound');
  });
});
