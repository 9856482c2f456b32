import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { VerdictOfPerson } from '../release/names.ts';
import type { ReleaseRecord } from '../release/record/record.ts';
import type { DemoPerson } from './fixture.ts';

/** The few calls of the HTTP API that the demo makes, each as one of its people. */
export interface DemoApi {
  start(person: DemoPerson, product: string): Promise<void>;
  read(person: DemoPerson, product: string): Promise<ReleaseRecord | undefined>;
  decide(
    person: DemoPerson,
    product: string,
    gate: string,
    decision: VerdictOfPerson,
    role: string,
    comment: string,
  ): Promise<void>;
}

/** How long to come back after a 503: a worker that was killed is missed for some seconds. */
const PATIENCE_MS = 60_000;

/** Calls the API at `url`. Errors carry the API's own sentence and hint. */
export function callApi(url: string): DemoApi {
  const request = async (person: DemoPerson, method: 'GET' | 'POST', path: string, body?: unknown) => {
    const key = randomUUID();
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${person.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          // The same key each time: a decision that arrived before is not made twice.
          ...(method === 'POST' ? { 'idempotency-key': key } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (answer.status === 503 && Date.now() < deadline) {
        await answer.arrayBuffer();
        await delay(1_000 * Math.min(5, Number(answer.headers.get('retry-after')) || 1));
        continue;
      }
      if (answer.status === 404 && method === 'GET') return undefined;
      const said = (await answer.json()) as { title?: string; detail?: string; hint?: string };
      if (answer.ok) return said as unknown;
      throw new Error(
        [said.title, said.detail, said.hint].filter(Boolean).join('. ') ||
          `the API answered ${answer.status}`,
      );
    }
  };
  return {
    start: async (person, product) => {
      await request(person, 'POST', '/v1/releases', { product });
    },
    read: async (person, product) => {
      const answer = (await request(person, 'GET', `/v1/releases/${product}`)) as
        | { record?: ReleaseRecord }
        | undefined;
      return answer?.record;
    },
    decide: async (person, product, gate, decision, role, comment) => {
      await request(person, 'POST', `/v1/releases/${product}/approvals/${gate}`, { decision, role, comment });
    },
  };
}
