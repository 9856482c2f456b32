import type { Installation } from '../config/installation.ts';
import type { Log } from '../integrations/create-log.ts';
import type { Ledger } from '../integrations/ledger/ledger.ts';
import type { SigningKey } from '../integrations/signing/signing.ts';
import { DEFAULT_PERMISSIONS, type Permissions } from '../release/commands/permissions.ts';
import { API_MS } from '../release/policy/inner-times.ts';
import type { EndedSessions } from './auth/ended-sessions.ts';
import type { WorkflowGateway } from './gateway.ts';

/** Bounds that keep one client from taking everything. */
export interface ApiLimits {
  /** Requests of one address in a minute. */
  requestsPerMinute: number;
  /** Sign-ins of one address in a minute. */
  signInsPerMinute: number;
  /** Open event streams in this process, and of one person. */
  streams: number;
  streamsPerPerson: number;
  /** Bytes that may wait for a slow reader before it is dropped. */
  streamBufferBytes: number;
  heartbeatMs: number;
}

export const DEFAULT_LIMITS: ApiLimits = {
  requestsPerMinute: 1_200,
  signInsPerMinute: 20,
  streams: 500,
  streamsPerPerson: 250,
  streamBufferBytes: 1_048_576,
  heartbeatMs: API_MS.heartbeat,
};

/** What the API needs. Nothing in it is state that another copy of the API would miss. */
export interface ApiDeps {
  installation: Installation;
  gateway: WorkflowGateway;
  /** Where the installation keeps one: who started what is written there before it begins. */
  ledger?: Ledger | undefined;
  /** The present signing key; `undefined` where none is configured. Read anew each time, so that it can be rotated. */
  signer: () => SigningKey | undefined;
  /** A secret that the API may read; `undefined` where it is not configured. */
  secret: (name: string) => string | undefined;
  /** Who signed out; the same for all copies. */
  endedSessions: EndedSessions;
  /** Signs session cookies; the same for all copies. */
  cookieKey: Uint8Array;
  clock: () => Date;
  /** Unpredictable bytes. */
  random: (bytes: number) => Uint8Array;
  limits: ApiLimits;
  /** Logs what no answer may tell. */
  log: Log;
}

/** Who may command and start what: as configured, else as the table of commands has it. */
export function permissionsOf(deps: Pick<ApiDeps, 'installation'>): Permissions {
  return deps.installation.permissions ?? DEFAULT_PERMISSIONS;
}
