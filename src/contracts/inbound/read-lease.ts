/** What workflows tell an environment and hear from it. Anybody else who reaches the namespace can send the same. */

import { LEASE_PRIORITIES } from '../../release/lease.ts';
import { ENVIRONMENT_KINDS } from '../../release/names.ts';
import { STRATEGY_NAMES } from '../../release/policy/strategies.ts';
import {
  asObject,
  fields,
  flag,
  isTrue,
  name,
  oneOf,
  optional,
  type Read,
  storeRef,
  text,
  whole,
} from '../../release/record/read-fields.ts';
import { ENVIRONMENT_SCRIPT_NAMES } from '../../release/settings.ts';
import type { EnvironmentInput, LeaseGrant, LeaseRequest, RollbackInput } from '../workflows.ts';

/** What is put back is configuration and digests: longer is no rollback of ours. In characters of its JSON. */
const LONGEST_UNDO = 256 * 1_024;

const workflowId = name(500);
const running = fields({
  version: text(200),
  commit: optional(name(64)),
  artifact: optional(storeRef),
  image: optional(name(500)),
  slot: optional(name(50)),
});

const undo = fields({
  releaseId: name(200),
  product: name(100),
  bad: running,
  to: running,
  strategy: oneOf(STRATEGY_NAMES),
  reason: text(4_000),
  by: text(300),
  takeOverFrom: optional(workflowId),
  restoreBackup: optional(name(300)),
  confirmFirst: optional(text(4_000)),
  bundle: optional(storeRef),
  undo: optional(isTrue),
  reportTo: optional(workflowId),
  round: whole(),
});

const script = fields({ run: nonEmpty, timeoutMs: whole(1) });

/** The environment's own settings as they came, where everything that a rollback looks at is right. */
function readSettings(value: unknown): RollbackInput['environment'] | undefined {
  const settings = asObject(value);
  const scripts = asObject(settings?.['scripts']);
  const shape = fields({
    name: name(100),
    kind: oneOf(ENVIRONMENT_KINDS),
    url: text(500),
    instances: whole(),
  })(settings);
  if (!shape || !scripts) return undefined;
  const known = Object.entries(scripts).every(
    ([key, one]) => oneOf(ENVIRONMENT_SCRIPT_NAMES)(key) !== undefined && script(one) !== undefined,
  );
  return known ? ({ ...settings, ...shape } as RollbackInput['environment']) : undefined;
}

const request = fields({
  holder: workflowId,
  runId: name(100),
  asks: optional(flag),
  priority: oneOf(LEASE_PRIORITIES),
  purpose: text(300),
  takeOverFrom: optional(workflowId),
});

/**
 * A request for the lease of an environment, or `undefined` for what is none: only workflows that change this very
 * environment hold its lease, and what is put back on their loss is of this environment. Total.
 */
export function readLeaseRequest(
  argument: unknown,
  of: Pick<EnvironmentInput, 'product' | 'environment'>,
): LeaseRequest | undefined {
  const read = request(argument);
  if (!read || !isHolder(read.holder, of)) return undefined;
  const { asks, ...kept } = read;
  const asked: LeaseRequest = { ...kept, ...(asks ? { asks } : {}) };
  const given = asObject(argument)?.['onLoss'];
  if (given === undefined || given === null) return asked;
  const onLoss = readUndo(given);
  const fits = onLoss?.product === of.product && onLoss.environment.name === of.environment;
  return fits ? { ...asked, onLoss } : undefined;
}

function readUndo(value: unknown): RollbackInput | undefined {
  const read = undo(value);
  const environment = readSettings(asObject(value)?.['environment']);
  if (!read || !environment) return undefined;
  const whole = { ...read, environment };
  return JSON.stringify(whole).length <= LONGEST_UNDO ? whole : undefined;
}

/** `deployment/PRODUCT/ENVIRONMENT/…` and `rollback/PRODUCT/ENVIRONMENT`. */
function isHolder(id: string, { product, environment }: { product: string; environment: string }): boolean {
  const [head, ofProduct, ofEnvironment] = id.split('/');
  return (
    (head === 'deployment' || head === 'rollback') && ofProduct === product && ofEnvironment === environment
  );
}

/** Who gives the lease back; `undefined` for what says nothing of it. Total. */
export function readLeaseRelease(argument: unknown): string | undefined {
  return fields({ holder: workflowId })(argument)?.holder;
}

/** The grant of a lease; `undefined` for what is none. Total. */
export const readLeaseGrant: Read<LeaseGrant> = fields({ environment: name(100), generation: whole(1) });

function nonEmpty(value: unknown): [string, ...string[]] | undefined {
  return Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string')
    ? (value as [string, ...string[]])
    : undefined;
}
