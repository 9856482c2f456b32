import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PersonName, startTestApp, type TestApp } from '../api/support/test-app.ts';
import { recordAfter, UNTIL_GO_LIVE, UNTIL_MONITORING } from '../release/views/sample-record.ts';

/** The part of JSON Schema that the description uses. */
interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

interface Operation {
  parameters?: { name: string; in: string; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

let world: TestApp;
let operations: { method: 'GET' | 'POST'; path: string; operation: Operation }[];

beforeAll(async () => {
  world = await startTestApp({ limits: { requestsPerMinute: 1_000_000 } });
  world.gateway.put(recordAfter(UNTIL_GO_LIVE));
  world.gateway.put(recordAfter(UNTIL_MONITORING, 'library'));
  const { paths } = (await world.ask(undefined, 'GET', '/openapi.json')).json();
  operations = Object.entries(paths as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
    Object.entries(methods)
      // A stream does not end; its tests are elsewhere.
      .filter(() => !path.endsWith('/events'))
      .map(([method, operation]) => ({ method: method.toUpperCase() as 'GET', path, operation })),
  );
});

afterAll(async () => {
  await world.close();
});

const NASTY = [
  '',
  ' ',
  '\u0000',
  '../../etc/passwd',
  "' OR 1=1 --",
  '💥'.repeat(50),
  '%00',
  '%ff',
  '__proto__',
  'x'.repeat(5_000),
  '-1',
  '1e309',
  '\r\nx: y',
  '\ud800',
];

const text = fc.oneof(
  fc.constantFrom(...NASTY, 'shop', 'library', 'go_live', 'approve', 'rita', '1.2.3'),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/** Mostly what the schema asks for, now and then anything. */
function makeValue(schema: Schema | undefined, depth = 0): fc.Arbitrary<unknown> {
  const wild = fc.oneof(fc.jsonValue({ maxDepth: 2 }), text);
  if (!schema || depth > 4) return wild;
  return fc.oneof(
    { weight: 4, arbitrary: fitting(schema, depth) },
    { weight: 1, arbitrary: wild as fc.Arbitrary<unknown> },
  );
}

/** Paths mostly name what is there; what may be left out of a query mostly is. */
function makeParameter(parameter: { in: string; schema?: Schema }): fc.Arbitrary<unknown> {
  const usual =
    parameter.in === 'path'
      ? fc.constantFrom('shop', 'library', 'go_live')
      : fc.constantFrom('', '', 'hotfix');
  return fc.oneof(
    { weight: 4, arbitrary: usual as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: makeValue(parameter.schema) },
  );
}

function fitting(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => makeValue(choice, depth + 1)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, makeValue(inner, depth + 1)]),
        ),
        { requiredKeys: [] },
      );
    case 'array':
      return fc.array(makeValue(schema.items, depth + 1), { maxLength: 3 });
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer(), fc.double());
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return text;
  }
}

describe('whatever is sent to the API', () => {
  test('no request, by anybody, is answered with a 5xx or without a problem document', async () => {
    const request = fc.nat().chain((pick) => {
      const chosen = operations[pick % operations.length]!;
      const { operation } = chosen;
      const parameters = (operation.parameters ?? []).filter((one) => one.in !== 'header');
      const body = operation.requestBody?.content['application/json']?.schema;
      return fc.record({
        chosen: fc.constant(`${chosen.method} ${chosen.path}`),
        who: fc.constantFrom<PersonName>('ada', 'lee', 'rita', 'otto', 'vera'),
        parameters: fc.record(Object.fromEntries(parameters.map((one) => [one.name, makeParameter(one)]))),
        key: fc.option(text, { nil: undefined }),
        body: body === undefined ? fc.constant(undefined) : makeValue(body),
      });
    });
    const codes = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(request, async ({ chosen, who, parameters, key, body }) => {
        const { method, path, operation } = operations.find((one) => `${one.method} ${one.path}` === chosen)!;
        const query = new URLSearchParams();
        let url = path;
        for (const one of operation.parameters ?? []) {
          const value = toText((parameters as Record<string, unknown>)[one.name]);
          if (one.in === 'path') url = url.replace(`{${one.name}}`, encodeURIComponent(value) || '%20');
          if (one.in === 'query' && value !== '') query.set(one.name, value);
        }
        const answer = await world.ask(who, method, query.size > 0 ? `${url}?${query}` : url, body, {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined
            ? {}
            : {
                'idempotency-key': Buffer.from(key)
                  .toString('latin1')
                  .replace(/[\r\n\u0000]/g, ''),
              }),
        });
        codes.set(answer.statusCode, (codes.get(answer.statusCode) ?? 0) + 1);
        expect(answer.statusCode).toBeLessThan(500);
        if (answer.statusCode >= 400) {
          expect(answer.headers['content-type']).toContain('application/problem+json');
          expect(answer.json().hint).toEqual(expect.any(String));
        }
      }),
      { numRuns: 3_000, seed: 20_261_121 },
    );
    // It was no monologue: things were accepted, refused and not understood.
    for (const code of [200, 202, 400, 403, 404, 409])
      expect([code, (codes.get(code) ?? 0) > 0]).toEqual([code, true]);
  });

  test.each([
    ['no JSON at all', '{"decision": ', 'application/json', 400],
    ['another kind of content', '<xml/>', 'application/xml', 415],
    ['a form, where JSON is asked for', 'decision=approve', 'application/x-www-form-urlencoded', 415],
    ['a prototype', '{"__proto__": {"decision": "approve"}}', 'application/json', 400],
    ['JSON of the wrong kind', '"approve"', 'application/json', 400],
    ['bytes that are no text', '\u00ff\u00fe', 'application/json', 400],
  ])('%s is a mistake of the sender, said politely', async (_what, payload, type, status) => {
    const answer = await world.ask('ada', 'POST', '/v1/releases/shop/approvals/go_live', payload, {
      'content-type': type,
    });
    expect([answer.statusCode, answer.json().status]).toEqual([status, status]);
  });

  test('an answer that got lost on the way is given again for the same key, and the signal is one', async () => {
    const fresh = await startTestApp();
    fresh.gateway.put(recordAfter(UNTIL_GO_LIVE));
    const { signal } = fresh.gateway;
    fresh.gateway.signal = async (...args) => {
      await signal(...args);
      // Temporal has it; the API dies before it can say so.
      throw new Error('killed');
    };
    const press = () =>
      fresh.ask(
        'ada',
        'POST',
        '/v1/releases/shop/approvals/go_live',
        { decision: 'approve' },
        { 'idempotency-key': 'once' },
      );
    expect((await press()).statusCode).toBe(500);
    fresh.gateway.signal = signal;
    expect([(await press()).statusCode, (await press()).statusCode]).toEqual([202, 202]);
    expect(fresh.gateway.signals).toHaveLength(1);
    await fresh.close();
  });
});

function toText(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed();
}
