import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ActivityDeps } from '../../../src/activities/deps.ts';
import type { Installation, Person } from '../../../src/config/installation.ts';
import type { Authorization } from '../../../src/contracts/activities.ts';
import type { WorkerRole } from '../../../src/contracts/task-queues.ts';
import { digestOf } from '../../../src/release/digest.ts';
import type { HistoryEntry } from '../../../src/release/record/environment-history.ts';
import type { PersonRole, ProductSettings } from '../../../src/release/settings.ts';
import type { StoreRef } from '../../../src/release/store-ref.ts';
import { subjectOf } from '../../../src/release/subject.ts';
import { readInstallation } from '../../support/fixture/release-world.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');

/** The key of the API that the people of the model sit in front of. */
export const SIGNING = {
  keyId: 'model',
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};

const PEOPLE: Record<string, PersonRole[]> = {
  ana: ['ceo'],
  ben: ['engineering_lead', 'on_call'],
  cleo: ['release_manager', 'operator'],
  dan: ['release_manager', 'ceo'],
  eve: ['qa', 'operator', 'product_manager'],
  mallory: ['viewer'],
};

/** How an activity goes wrong once: it fails for good, or its worker dies before or after the deed. */
export type FaultKind = 'fails' | 'dies_before' | 'dies_after';

/** An approval as it was sent: what the model holds protected steps to. */
export interface GivenApproval {
  person: string;
  role: PersonRole;
  gate: string;
  subject: string;
  validUntil: number;
}

/** Everything outside of Windlass, of one product: it keeps state, and notes what must never happen. */
export class ModelWorld {
  readonly product: string;
  readonly installation: Installation;
  runs = '1.0.0';
  latest = '1.0.0';
  readonly tags = new Map([['1.0.0', sha('1.0.0')]]);
  readonly published = new Map<string, string>([['1.0.0', 'before']]);
  readonly history: HistoryEntry[];
  readonly approvals: GivenApproval[] = [];
  /** What goes wrong next, by the activity's or script's name. */
  readonly faults = new Map<string, FaultKind>();
  /** Whether what is live answers badly. */
  sick = false;
  /** Whether somebody ended what may have held the lease. */
  hasLostHolder = false;
  readonly violations: string[] = [];
  checked = 0;
  /** Workflows whose time was skipped. */
  readonly skipped = new Set<string>();
  /** Workflows that act on an environment. */
  readonly seen = new Set<string>();
  readonly #done = new Map<string, unknown>();
  #changing: string | undefined;
  #newest = 0;

  constructor(product: string, folder: string) {
    this.product = product;
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${product}.yaml`);
    writeFileSync(file, stringify(describeInstallation(product)));
    this.installation = readInstallation(file);
    const shared = { product, environment: 'production', releaseId: 'before', generation: 0 };
    this.history = [
      { ...shared, at: '2026-01-01T00:00:00.000Z', event: 'went_live', version: '0.9.0', ...madeOf('0.9.0') },
      { ...shared, at: '2026-02-01T00:00:00.000Z', event: 'went_live', version: '1.0.0', ...madeOf('1.0.0') },
    ];
  }

  /** What a role's worker of this world would have. */
  depsOf(role: WorkerRole): ActivityDeps {
    return {
      role,
      installation: this.installation,
      store: undefined as never,
      barrier: async () => undefined,
      signal: () => new AbortController().signal,
      attempt: () => 1,
      isOwned: () => true,
    };
  }

  get settings(): ProductSettings {
    return this.installation.products[this.product]!;
  }

  person(name: string): Person {
    return this.installation.people.find((one) => one.name === name)!;
  }

  /** Whom the roles were given to at first. */
  giveBackRoles(): void {
    for (const person of this.installation.people) person.roles = [...(PEOPLE[person.name] ?? [])];
  }

  /** One thing that must hold. */
  check(holds: boolean, otherwise: string): void {
    this.checked += 1;
    if (!holds) this.violations.push(otherwise);
  }

  /** The deed under its effect key: done once, however often it is asked for. */
  once<T>(key: string, deed: () => T): { value: T; outcome: 'done' | 'done_before' } {
    if (this.#done.has(key)) return { value: this.#done.get(key) as T, outcome: 'done_before' };
    const value = deed();
    this.#done.set(key, value);
    return { value, outcome: 'done' };
  }

  /** A script that changes production, as a team writes one: it refuses whoever lost the environment. */
  async change(by: string, generation: number, work: () => void): Promise<'refused' | 'done'> {
    this.check(
      this.#changing === undefined,
      `${by} changes production while ${this.#changing} does: two changes at once`,
    );
    if (generation < this.#newest) return 'refused';
    this.#newest = generation;
    this.#changing = by;
    await new Promise((resolve) => setTimeout(resolve, 5));
    work();
    this.#changing = undefined;
    return 'done';
  }

  get isChanging(): boolean {
    return this.#changing !== undefined;
  }

  /** What is protected rests on decisions of exactly it that count at this moment. An oracle of its own. */
  checkDecided(
    what: string,
    authorization: Authorization | undefined,
    acts: { version: string; commit?: string; artifact?: string },
  ): void {
    const parts = authorization?.parts;
    this.check(parts !== undefined, `${what} without any decision`);
    if (!parts) return;
    const { version, commit, artifact } = acts;
    const isIt =
      parts.version === version &&
      (commit === undefined || parts.commit === commit) &&
      (artifact === undefined || parts.artifact === artifact);
    this.check(isIt, `${what}: decided was ${JSON.stringify(parts)}, done is ${JSON.stringify(acts)}`);
    const subject = subjectOf(parts);
    const now = Date.now();
    const counting = this.approvals.filter(
      (one) =>
        one.gate === 'go_live' &&
        one.subject === subject &&
        one.validUntil >= now &&
        this.person(one.person).roles.includes(one.role),
    );
    const ceos = counting.filter(({ role }) => role === 'ceo');
    const managers = counting.filter(({ role }) => role === 'release_manager');
    const isWhole = ceos.some((a) => managers.some((b) => a.person !== b.person));
    this.check(isWhole, `${what} of ${version} without the decisions of a CEO and of a release manager`);
  }
}

/** A commit of its own for each text. */
export function sha(text: string): string {
  return digestOf({ commit: text }).slice('sha256:'.length, 'sha256:'.length + 40);
}

export function ref(text: string): StoreRef {
  return { digest: digestOf({ bytes: text }) as StoreRef['digest'], bytes: text.length };
}

/** What a version from before the model is made of. */
export function madeOf(version: string) {
  return { type: 'patch' as const, commit: sha(version), artifact: ref(version) };
}

function describeInstallation(product: string): object {
  const scripts = Object.fromEntries(
    ['backup', 'deploy', 'verify', 'smoke', 'rollback', 'status'].map((name) => [name, `ops/${name}`]),
  );
  return {
    version: 1,
    temporal: { namespace: 'default' },
    store: { folder: './store' },
    work_folder: './work',
    api: {
      listen: '127.0.0.1:8080',
      signing: { key_id: SIGNING.keyId, private_key: 'signing_key' },
      verify_keys: [
        { key_id: SIGNING.keyId, public_key: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
      ],
    },
    secrets: {
      npm_token: { file: 'npm_token', roles: ['release'] },
      signing_key: { file: 'signing_key', roles: ['api'] },
    },
    people: Object.fromEntries(
      Object.entries(PEOPLE).map(([name, roles], at) => [
        name,
        { display_name: name, roles, token_sha256: String(at).padStart(64, '0') },
      ]),
    ),
    products: {
      [product]: {
        title: 'Model',
        repository: '/nowhere/model.git',
        tag_format: 'v{version}',
        version_files: ['package.json'],
        registries: { npm: { url: 'http://127.0.0.1:1/', access: 'public', token: 'npm_token' } },
        scripts: { build: 'ops/build', test: 'ops/test' },
        environments: {
          production: {
            url: 'http://127.0.0.1:1',
            scripts,
            checks: [
              {
                name: 'errors',
                kind: 'ratio',
                compare: 'none',
                limit: 2,
                minimum_samples: 2,
                severity: 'critical',
                criticality: 'critical',
                source: { script: { run: ['ops/measure'], timeout: '20s' } },
              },
            ],
          },
        },
        severity: { high_deadline: '3s', quick_hotfix: '2s' },
        policy: {
          patch: { strategy: 'rolling', monitoring: { window: '3s', interval: '1s' } },
          minor: { strategy: 'rolling' },
          major: { strategy: 'rolling' },
        },
      },
    },
  };
}
