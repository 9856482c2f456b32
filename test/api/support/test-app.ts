import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { stringify } from 'yaml';
import { buildApp } from '../../../src/api/app.ts';
import { type EndedSessions, keepEndedSessions } from '../../../src/api/auth/ended-sessions.ts';
import { type ApiDeps, type ApiLimits, DEFAULT_LIMITS } from '../../../src/api/deps.ts';
import { type Installation, isConfigMistakes } from '../../../src/config/installation.ts';
import { loadInstallation } from '../../../src/config/load.ts';
import { publicKeyOf } from '../../../src/integrations/signing/signing.ts';
import { assertEntryName } from '../../../src/providers/store/store.ts';
import { createMemoryGateway, type MemoryGateway } from './memory-gateway.ts';

export const PEOPLE = {
  ada: ['ceo'],
  lee: ['engineering_lead'],
  rita: ['release_manager', 'engineering_lead'],
  quinn: ['qa'],
  otto: ['operator', 'on_call'],
  pia: ['product_manager'],
  vera: ['viewer'],
  github: ['release_manager'],
  webhook: ['operator'],
} as const;

export type PersonName = keyof typeof PEOPLE;

export interface TestApp {
  app: FastifyInstance;
  deps: ApiDeps;
  gateway: MemoryGateway;
  installation: Installation;
  /** Moves the API's clock. */
  setNow(iso: string): void;
  ask(
    who: PersonName | undefined,
    method: 'GET' | 'POST',
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

export function tokenOf(who: PersonName): string {
  return `token-of-${who}-long-enough`;
}

/** An app over a memory gateway, with the products `shop` and `library` and a real configuration file. */
export async function startTestApp(
  options: {
    limits?: Partial<ApiLimits>;
    api?: Record<string, unknown>;
    signing?: boolean;
    /** What the configuration says of roles; `vera` has `veraRoles` then. */
    roles?: Record<string, unknown>;
    veraRoles?: string[];
    secrets?: Record<string, string>;
    /** Where copies of the API share it. */
    endedSessions?: EndedSessions;
    /** The test's own clock stands still where nothing is said. */
    clock?: () => Date;
  } = {},
): Promise<TestApp> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const installation = loadTestInstallation(publicKeyOf(pem), options);
  const gateway = createMemoryGateway();
  let now = new Date('2026-11-20T12:00:00.000Z');
  let counter = 0;
  const deps: ApiDeps = {
    installation,
    gateway,
    signer: () => (options.signing === false ? undefined : { keyId: 'k1', privateKey: pem }),
    secret: (name) =>
      options.secrets?.[name] ?? (name.endsWith('_webhook') ? `secret of ${name}` : undefined),
    endedSessions: options.endedSessions ?? keepEndedSessions(createMemoryEntries(), () => now),
    cookieKey: new Uint8Array(32).fill(7),
    clock: options.clock ?? (() => now),
    random: (bytes) => {
      counter += 1;
      return createHash('sha512').update(String(counter)).digest().subarray(0, bytes);
    },
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    log: () => undefined,
  };
  const app = await buildApp(deps);
  await app.ready();
  return {
    app,
    deps,
    gateway,
    installation,
    setNow: (iso) => {
      now = new Date(iso);
    },
    ask: (who, method, url, body, headers = {}) =>
      app.inject({
        method,
        url,
        headers: { ...(who === undefined ? {} : { authorization: `Bearer ${tokenOf(who)}` }), ...headers },
        ...(body === undefined ? {} : { payload: body as InjectOptions['payload'] & object }),
      }),
    close: () => app.close(),
  };
}

function loadTestInstallation(
  publicKey: string,
  { api = {}, roles = {}, veraRoles }: Parameters<typeof startTestApp>[0] & object,
): Installation {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-api-'));
  const file = join(folder, 'windlass.yaml');
  const library = { repository: '/srv/git/library.git', scripts: { build: 'ops/build', test: 'ops/test' } };
  writeFileSync(
    file,
    stringify({
      version: 1,
      temporal: { address: '127.0.0.1:7233', namespace: 'default' },
      web_ui_url: 'http://127.0.0.1:8233',
      store: { folder: './store' },
      work_folder: './work',
      api: {
        listen: '127.0.0.1:0',
        url: 'http://127.0.0.1:8080',
        signing: { key_id: 'k1', private_key: 'signing_key' },
        verify_keys: [{ key_id: 'k1', public_key: publicKey }],
        ...api,
      },
      secrets: {
        signing_key: { env: 'SIGNING_KEY', roles: ['api'] },
        oidc_client: { env: 'OIDC_CLIENT', roles: ['api'] },
      },
      roles,
      people: Object.fromEntries(
        Object.entries(PEOPLE).map(([name, own]) => [
          name,
          {
            display_name: `${name} <b>`,
            roles: name === 'vera' && veraRoles ? veraRoles : [...own],
            token_sha256: createHash('sha256')
              .update(tokenOf(name as PersonName))
              .digest('hex'),
            ...(name === 'vera'
              ? { deputies: [{ for: 'qa', from: '2026-12-01', until: '2026-12-02' }] }
              : {}),
          },
        ]),
      ),
      products: { shop: { ...library, title: 'Shop' }, library: { ...library, title: 'Library' } },
    }),
  );
  try {
    const loaded = loadInstallation({ file, environment: {} });
    if (isConfigMistakes(loaded)) throw new Error(JSON.stringify(loaded.mistakes, null, 1));
    return loaded;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a store keeps under names, in memory. */
export function createMemoryEntries() {
  const entries = new Map<string, Buffer>();
  return {
    createNamed: async (name: string, bytes: Uint8Array) => {
      if (entries.has(name)) return false;
      entries.set(assertEntryName(name), Buffer.from(bytes));
      return true;
    },
    readNamed: async (name: string) => entries.get(assertEntryName(name)),
  };
}
