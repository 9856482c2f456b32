import { createHash, randomUUID } from 'node:crypto';
import { type RunningApi, startApi } from '../../../src/api/server.ts';
import type { Person } from '../../../src/config/installation.ts';
import type { ReleaseRecord } from '../../../src/release/record/record.ts';
import type { PersonRole } from '../../../src/release/settings.ts';
import { personWith } from '../../support/fixture/demo.ts';
import { type GreeterWorld, startGreeterWorld } from '../../support/fixture/greeter-world.ts';
import { waitFor } from '../../support/server/temporal-server.ts';

/** What the routes answer, as far as tests look at it, all in one. */
export interface Answer {
  type: string;
  detail: string;
  product: string;
  kind: string;
  releaseId: string;
  workflowId: string;
  nonce: string;
  person: string;
  releases: (string | { releaseId?: string })[];
  actions: { command: string; gate?: string }[];
  open: boolean;
  record: ReleaseRecord;
}

export interface Asked {
  status: number;
  body: Answer;
}

/** The greeter's world with an API in front of it, on the run's shared Temporal server. */
export interface RealApi {
  world: GreeterWorld;
  api: RunningApi;
  /** The address of the product's release, or of what is below it. */
  path(rest?: string): string;
  /** A request in the name of who has the role, or whose token it is. After a 503 it is sent again with its key. */
  ask(
    who: PersonRole | { token: string },
    method: string,
    path: string,
    body?: object,
    key?: string,
  ): Promise<Asked>;
  /** Somebody new in the configuration, with a token of their own. */
  hire(person: Pick<Person, 'name' | 'roles'> & Partial<Person>): { token: string };
  stop(): Promise<void>;
}

/** Starts it; one file needs it once. */
export async function startRealApi(
  change: (product: Record<string, unknown>) => void = () => undefined,
): Promise<RealApi> {
  const world = await startGreeterWorld(change);
  const { client, installation, product } = world;
  const api = await startApi({ installation, client, queuePrefix: product, port: 0 });
  installation.api.url = api.url;
  return {
    world,
    api,
    path: (rest = '') => `/v1/releases/${product}${rest}`,
    ask: (who, method, path, body, key = randomUUID()) =>
      askApi(
        api.url,
        typeof who === 'string' ? personWith(world.fixture, who).token : who.token,
        method,
        path,
        body,
        key,
      ),
    hire: (person) => {
      const token = `token-of-${person.name}-${randomUUID()}`;
      installation.people.push({
        displayName: person.name,
        deputies: [],
        tokenSha256: createHash('sha256').update(token).digest('hex'),
        ...person,
      });
      return { token };
    },
    stop: async () => {
      await api.close();
      await world.stop();
    },
  };
}

/** One request as a client sends it: after a 503 again, with the same key, as the API's answer says. */
export async function askApi(
  url: string,
  token: string,
  method: string,
  path: string,
  body?: object,
  key: string = randomUUID(),
): Promise<Asked> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': key }),
  };
  return await waitFor(
    `an answer to ${method} ${path}`,
    async () => {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const said = (await answer.json()) as Answer;
      return answer.status === 503 ? undefined : { status: answer.status, body: said };
    },
    300_000,
  );
}
