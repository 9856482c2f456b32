import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { WORKER_ROLES, type WorkerRole } from '../contracts/task-queues.ts';
import type { PersonRole } from '../release/settings.ts';

/** An Ed25519 key: PKCS 8 and SPKI, PEM. */
export interface DemoKey {
  privateKey: string;
  publicKey: string;
}

/** A person of the demo, with the token by which the API knows them. */
export interface DemoPerson {
  name: string;
  displayName: string;
  roles: PersonRole[];
  token: string;
  tokenSha256: string;
}

/** Everything that a demo decides once, so that a second start goes on where a killed one stopped. */
export interface DemoFixture {
  format: 1;
  /** The example's product name; tests use several worlds on one server. */
  product: string;
  bad: boolean;
  ports: {
    temporal: number;
    webUi: number;
    api: number;
    npm: number;
    staging: number;
    stagingControl: number;
    production: number;
    productionControl: number;
  };
  people: DemoPerson[];
  signing: DemoKey & { keyId: string };
  /** With which each role signs what it writes into the ledger; a demo from before there was one goes on without. */
  ledger?: Record<WorkerRole, DemoKey>;
  npmToken?: string;
  /** Set once the world stands as it was before the release: version 1.2.0 everywhere. */
  ready: boolean;
  releaseId?: string;
  finished: boolean;
}

const PEOPLE: { name: string; displayName: string; roles: PersonRole[] }[] = [
  { name: 'ada', displayName: 'Ada Obi', roles: ['ceo'] },
  { name: 'ben', displayName: 'Ben Ruiz', roles: ['engineering_lead', 'on_call'] },
  { name: 'cleo', displayName: 'Cleo Martin', roles: ['release_manager', 'operator'] },
  { name: 'dora', displayName: 'Dora Lind', roles: ['qa', 'product_manager'] },
];

/** A new fixture with people, tokens and keys of its own; `ports` are free ones that the caller found. */
export function createFixture(product: string, bad: boolean, ports: DemoFixture['ports']): DemoFixture {
  return {
    format: 1,
    product,
    bad,
    ports,
    people: PEOPLE.map((person) => {
      const token = randomBytes(24).toString('base64url');
      return { ...person, token, tokenSha256: createHash('sha256').update(token).digest('hex') };
    }),
    signing: { keyId: 'demo', ...makeKey() },
    ledger: Object.fromEntries(WORKER_ROLES.map((role) => [role, makeKey()])) as Record<WorkerRole, DemoKey>,
    ready: false,
    finished: false,
  };
}

function makeKey(): DemoKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** The person of the demo who fills a role. */
export function personWith(fixture: DemoFixture, role: PersonRole): DemoPerson {
  const person = fixture.people.find((candidate) => candidate.roles.includes(role));
  if (!person) throw new Error(`nobody in the demo is ${role}`);
  return person;
}
