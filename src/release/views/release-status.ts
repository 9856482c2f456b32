import { DEFAULT_GATES } from '../policy/gates.ts';
import type { ReleaseRecord } from '../record/record.ts';
import { findProduction } from './words.ts';

/** One entry of the mission's `release-status.yaml`, by the mission's own keys. */
export interface ReleaseStatus {
  version: string;
  type: string;
  status: 'deployed' | 'published' | 'rolled_back' | 'aborted' | 'failed' | 'in_progress';
  created_at: string;
  deployed_at?: string;
  /** The mission's keys, and each gate of the product's own by its name. */
  quality_gates: Record<string, string>;
  deployment: {
    environment: string;
    strategy: string;
    status: 'success' | 'rolled_back' | 'failed' | 'in_progress' | 'not_configured';
  };
  registries: { name: string; url: string }[];
  [field: string]: unknown;
}

/** This release's entry of the mission's `release-status.yaml`. A gate that did not run is never `passed`. */
export function viewReleaseStatus(record: ReleaseRecord): ReleaseStatus {
  const production = findProduction(record);
  return {
    version: record.plan?.version ?? '',
    type: record.plan?.type ?? '',
    status: nameState(record),
    created_at: record.startedAt,
    ...(production?.deployedAt === undefined ? {} : { deployed_at: production.deployedAt }),
    quality_gates: viewGates(record),
    deployment: {
      environment: nameProduction(record),
      strategy: production?.strategy ?? 'none',
      status: deploymentState(record),
    },
    registries: record.publications.map(({ registry, url }) => ({ name: registry, url })),
  };
}

/** The entry is written while the release ends, before its outcome is in the record: verified production counts. */
function nameState(record: ReleaseRecord): ReleaseStatus['status'] {
  switch (record.outcome) {
    case 'rolled_back':
      return 'rolled_back';
    case 'aborted':
      return 'aborted';
    case 'failed':
      return 'failed';
    default:
      break;
  }
  const deployment = deploymentState(record);
  if (deployment === 'not_configured' && record.publications.length > 0) return 'published';
  if (deployment === 'rolled_back') return 'rolled_back';
  return deployment === 'success' ? 'deployed' : 'in_progress';
}

function deploymentState(record: ReleaseRecord): ReleaseStatus['deployment']['status'] {
  const steps = record.steps.filter(
    (s) => s.id === 'production.deployment' || s.id.startsWith('production.deployment.'),
  );
  if (record.outcome === 'rolled_back') return 'rolled_back';
  if (steps.some((step) => step.status === 'failed')) return 'failed';
  // A deployment that was taken back leaves its share at nothing.
  if (findProduction(record)?.share === 0 && findProduction(record)?.deployedAt !== undefined)
    return 'rolled_back';
  if (steps.length > 0 && steps.every((step) => step.status === 'not_configured')) return 'not_configured';
  const done = steps.length > 0 && steps.every((step) => step.status === 'done');
  return done || findProduction(record)?.deployedAt !== undefined ? 'success' : 'in_progress';
}

/** The environments of production by name; a product has one as a rule. */
function nameProduction(record: ReleaseRecord): string {
  const names = record.environments.filter(({ kind }) => kind === 'production').map(({ name }) => name);
  return names.join(', ') || 'production';
}

function viewGates(record: ReleaseRecord): Record<string, string> {
  const resultOf = (name: string) => record.gates.find((gate) => gate.gate === name)?.result;
  const known = Object.entries(DEFAULT_GATES).flatMap(([name, { statusKey }]) =>
    statusKey === undefined ? [] : [[statusKey, resultOf(name) ?? 'not_required'] as const],
  );
  const own = record.gates
    .filter(({ gate }) => !Object.hasOwn(DEFAULT_GATES, gate))
    .map(({ gate, result }) => [gate, result] as const);
  return Object.fromEntries([...own, ...known]);
}
