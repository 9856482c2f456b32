/** What a checked `windlass.yaml` says: paths absolute, lengths of time in milliseconds, defaults filled in. */

import type { WorkerRole } from '../contracts/task-queues.ts';
import type { Channel, ChannelSections } from '../providers/channel/channels.ts';
import type { StoreSettings } from '../providers/store/stores.ts';
import type { Permissions } from '../release/commands/permissions.ts';
import type { PersonRole, ProductSettings, SecretName } from '../release/settings.ts';
import type { ConfigMistake } from './mistakes/mistake.ts';

export const SECRET_READERS = ['qa', 'devops', 'writer', 'support', 'release', 'workflow', 'api'] as const;

/** The processes of Windlass that can be allowed to read a secret: a worker of each role, and the API. */
export type SecretReader = (typeof SECRET_READERS)[number];

/** By role: the values of the identity provider's claim that give it. */
export type RoleClaims = Readonly<Record<PersonRole, readonly string[]>>;

export interface TemporalSettings {
  /** Absent: `windlass dev` finds or starts a server of its own. */
  address?: string;
  namespace: string;
  /** Present (even if empty): TLS is used. */
  tls?: { serverName?: string; caFile?: string; certificateFile?: string; key?: SecretName };
  apiKey?: SecretName;
  /** Whether what goes through Temporal is sealed. */
  sealedPayloads: boolean;
  /** The first one seals; every one opens. */
  payloadKeys: { keyId: string; key: SecretName }[];
}

export interface OidcSettings {
  issuer: string;
  audience: string;
  algorithms: string[];
  rolesClaim: string;
  /** Which of the claim's values give which role. */
  roleClaims: RoleClaims;
  nameClaim: string;
  jwksUrl?: string;
  /** Present: people sign in on the pages by the provider. */
  clientId?: string;
  clientSecret?: SecretName;
  scopes: string[];
}

export interface VerifyKey {
  keyId: string;
  /** An Ed25519 public key: PEM, or its 32 raw bytes in base64 or base64url. */
  publicKey: string;
  /** ISO time after which decisions signed with this key no longer count. */
  notAfter?: string;
}

export interface ApiSettings {
  host: string;
  port: number;
  /** The address under which people and links reach the API; no slash at the end. */
  url: string;
  /** Networks whose `X-Forwarded-For` is believed. */
  trustProxy: string[];
  signing?: { keyId: string; privateKey: SecretName };
  verifyKeys: VerifyKey[];
  oidc?: OidcSettings;
  cors: string[];
  cookieKey?: SecretName;
}

export interface Person {
  /** The login, by which decisions and the record name this person. */
  name: string;
  displayName: string;
  email?: string;
  roles: PersonRole[];
  /** SHA-256 of the person's bearer token, as 64 lower-case hexadecimal digits. */
  tokenSha256?: string;
  /** Roles that this person fills for somebody else, each from a day to a day (ISO, both included). */
  deputies: { for: PersonRole; from: string; until: string }[];
}

export interface LedgerSettings {
  /** Whether a ledger is kept; without any keys none is, save in development, which makes them. */
  keep: boolean;
  /** The first of a role that has a private key signs; every one verifies. */
  keys: {
    keyId: string;
    role: WorkerRole;
    /** An Ed25519 public key: PEM, or its 32 raw bytes in base64 or base64url. */
    publicKey: string;
    privateKey?: SecretName;
    /** ISO time; what was written later with it does not count. */
    notAfter?: string;
  }[];
}

/** Where a secret's value comes from, and which processes may read it. */
export interface SecretSettings {
  source: { file: string } | { env: string };
  readers: SecretReader[];
}

export interface Installation extends ChannelSections {
  /** Who may command and start what; absent: as the table of commands has it. */
  permissions?: Permissions;
  /** Absolute path of the file that was read. */
  file: string;
  temporal: TemporalSettings;
  store: StoreSettings;
  /** Absolute folder for mirrors and checkouts; may be lost at any time. */
  workFolder: string;
  /** `shutdownGraceMs`: how long work in progress may go on once a worker was asked to stop. */
  workers: { shutdownGraceMs: number; isolateScripts: 'where_possible' | 'always' | 'never' };
  /** Address of Temporal's Web UI for links; no slash at the end. */
  webUiUrl?: string;
  api: ApiSettings;
  ledger: LedgerSettings;
  people: Person[];
  /** By name; `ceo`, `team` and `on_call` are always there, perhaps empty. */
  channels: Record<string, Channel[]>;
  secrets: Record<SecretName, SecretSettings>;
  products: Record<string, ProductSettings>;
  /**
   * Products whose part of the file is wrong, and why. Nothing new is begun for them. One that is in `products` as well
   * was edited while this process runs: what is in flight goes on by what the file said before.
   */
  stopped?: Record<string, ConfigMistake[]>;
  /** What is allowed but probably not meant. */
  warnings: ConfigMistake[];
}

/** What is wrong with a configuration: everything that was found, in the file's order. */
export interface ConfigMistakes {
  file: string;
  mistakes: ConfigMistake[];
  warnings: ConfigMistake[];
}

/** Tells a configuration that may be used from a list of what is wrong with it. */
export function isConfigMistakes(loaded: Installation | ConfigMistakes): loaded is ConfigMistakes {
  return 'mistakes' in loaded;
}
