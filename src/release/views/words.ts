/** How the same facts are worded wherever people read them. */
import type { Outcome, Phase, ReleaseRecord, StepStatus } from '../record/record.ts';
import { PHASES } from '../record/record.ts';
import { type PersonRole, ROLE_NAME } from '../settings.ts';

const ROLES: Readonly<Record<PersonRole, string>> = {
  ceo: 'CEO',
  engineering_lead: 'Engineering Lead',
  product_manager: 'Product Manager',
  release_manager: 'Release Manager',
  qa: 'QA',
  on_call: 'on-call engineer',
  operator: 'operator',
  viewer: 'viewer',
};

/** A role as people say it; a team's own one in plain words, anything else (a lease, for example) as it is. */
export function nameRole(role: string): string {
  if (Object.hasOwn(ROLES, role)) return ROLES[role] ?? role;
  return ROLE_NAME.test(role) ? role.replaceAll('_', ' ') : role;
}

const PHASE_NAMES: Record<Phase, string> = {
  readiness: 'readiness',
  plan: 'plan',
  review: 'changelog review',
  commit: 'release commit',
  build: 'build',
  gates: 'quality gates',
  branch: 'release branch',
  staging: 'staging',
  go_live: 'go-live decision',
  publish: 'publishing',
  production: 'production',
  monitoring: 'monitoring',
  finalize: 'finalizing',
  announce: 'announcement',
};

/** A phase in the words of the people who read about it, lower case, for the middle of a sentence. */
export function namePhase(phase: Phase): string {
  return PHASE_NAMES[phase];
}

/** `7 of 14`: how far along the one way through. */
export function placePhase(phase: Phase): string {
  return `${PHASES.indexOf(phase) + 1} of ${PHASES.length}`;
}

/**
 * `open`: not begun. `not_reached`: the flow ended before it. `rolled_back`: it was done, and taken back. `ended_early`:
 * a person ended it before its time.
 */
export type ChecklistStatus = StepStatus | 'open' | 'not_reached' | 'rolled_back' | 'ended_early';

const STATUSES: Record<ChecklistStatus, string> = {
  running: 'running',
  done: 'done',
  failed: 'FAILED',
  skipped: 'skipped',
  not_configured: 'not configured',
  waiting: 'waiting',
  open: 'to come',
  not_reached: 'not reached',
  rolled_back: 'rolled back',
  ended_early: 'ended early',
};

/** How a step stands; a failure in capitals, since it must not be overlooked in a list. `open`: not begun. */
export function nameStatus(status: ChecklistStatus): string {
  return STATUSES[status];
}

const OUTCOMES: Partial<Record<Outcome, string>> = {
  released: 'released',
  completed: 'completed',
  rolled_back: 'rolled back',
  aborted: 'aborted',
  nothing_to_release: 'nothing to release',
  failed: 'failed',
};

/** How a flow ended, in words. */
export function nameOutcome(outcome: Outcome): string {
  return OUTCOMES[outcome] ?? outcome.replaceAll('_', ' ');
}

/** `2026-11-21 09:26 UTC` of an ISO time, without a locale. */
export function nameTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** The production environment of the record, if the release got that far. */
export function findProduction(record: ReleaseRecord): ReleaseRecord['environments'][number] | undefined {
  return record.environments.find((environment) => environment.kind === 'production');
}

/** Where people look at the release, below the API's public address. Opens a decision, never makes one. */
export function releasePath(product: string, kind = 'release'): string {
  const path = `/releases/${encodeURIComponent(product)}`;
  return kind === 'release' ? path : `${path}?kind=${encodeURIComponent(kind)}`;
}

/** Which of the product's flows a record is of, as `--kind` and the paths of the API name it. */
export function nameFlow(record: ReleaseRecord): string {
  if (record.kind !== 'deployment') return record.kind;
  return `deployment-${record.environments[0]?.name ?? 'production'}`;
}

/** The command line by which people act on this record's flow: `windlass approve shop go_live --kind hotfix`. */
export function writeCommand(record: ReleaseRecord, command: string, ...args: string[]): string {
  const flow = nameFlow(record);
  const kind = flow === 'release' ? [] : ['--kind', flow];
  return ['windlass', command, record.product, ...args, ...kind].join(' ');
}

/** The title of a gate for a list or a message of many products: with the product, where it does not say it itself. */
export function titleGate(record: Pick<ReleaseRecord, 'title' | 'plan'>, title: string): string {
  const product = record.title.replace(` ${record.plan?.version ?? ''}`, '').trim();
  return title.includes(product) ? title : `${product}: ${title}`;
}
