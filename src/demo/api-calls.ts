import { randomUUID } from 'node:crypto';
import type { ReleaseRecord } from '../release/record.ts';
import type { DemoPerson } from './plot.ts';

/** The few calls of the HTTP API that the demo makes, each as one of its people. */
export interface DemoApi {
  start(person: DemoPerson, product: string): Promise<void>;
  read(person: DemoPerson, product: string): Promise<ReleaseRecord | undefined>;
  decide(
    person: DemoPerson,
    product: string,
    gate: string,
    decision: 'approve' | 'reject',
    role: string,
    comment: string,
  ): Promise<void>;
}

/** Calls the API at `url`. Errors carry the API's own sentence and hint. */
export function callApi(url: string): DemoApi {
  const request = async (person: DemoPerson, method: 'GET' | 'POST', path: string, body?: unknown) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${person.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.status === 404 && method === 'GET') return undefined;
    const said = (await answer.json()) as { title?: string; detail?: string; hint?: string };
    if (answer.ok) return said as unknown;
    throw new Error(
      [said.title, said.detail, said.hint].filter(Boolean).join('. ') || `the API answered ${answer.status}`,
    );
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
