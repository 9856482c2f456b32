/** Lists releases from visibility, by search attributes. */
import type { Client } from '@temporalio/client';
import { FLOW_TYPES, flowOf } from '../flows.ts';
import type { ReleaseFilter, ReleaseListing, StartedFlow } from '../gateway.ts';
import { describeStart } from './read-started.ts';

const RUNNING = 1;
/** A week of one product's runs is far less. */
const MOST_RUNS = 500;

interface Execution {
  execution?: { workflowId?: string | null; runId?: string | null } | null;
  status?: number | null;
  startTime?: Timestamp | null;
  closeTime?: Timestamp | null;
  searchAttributes?: { indexedFields?: Record<string, Payload> | null } | null;
  memo?: { fields?: Record<string, Payload> | null } | null;
}

interface Payload {
  data?: Uint8Array | null;
}

interface Timestamp {
  seconds?: { toString(): string } | number | null;
  nanos?: number | null;
}

/** One page of releases, newest first. */
export async function listExecutions(
  client: Client,
  filter: ReleaseFilter,
): Promise<{ releases: ReleaseListing[]; cursor?: string }> {
  const page = await client.workflowService.listWorkflowExecutions({
    namespace: client.options.namespace,
    query: buildQuery(filter),
    pageSize: filter.limit,
    ...(filter.cursor === undefined ? {} : { nextPageToken: Buffer.from(filter.cursor, 'base64url') }),
  });
  const releases = (page.executions ?? []).map((execution) => toListing(execution as Execution));
  const next = page.nextPageToken;
  return next && next.length > 0
    ? { releases, cursor: Buffer.from(next).toString('base64url') }
    : { releases };
}

/** Runs of one workflow that were started since then, newest first, by what their starts have noted. */
export async function listRuns(
  client: Client,
  workflowId: string,
  since: Date,
): Promise<(StartedFlow & { runId: string })[]> {
  const query = `WorkflowId = ${quote(workflowId)} AND StartTime >= ${quote(since.toISOString())}`;
  const runs: (StartedFlow & { runId: string })[] = [];
  for await (const run of client.workflow.list({ query, pageSize: MOST_RUNS })) {
    runs.push(describeStart(run));
    if (runs.length === MOST_RUNS) break;
  }
  return runs.sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? 1 : -1));
}

/** Visibility's own query language. Every value is quoted: nothing from outside becomes syntax. */
export function buildQuery(filter: Omit<ReleaseFilter, 'limit' | 'cursor'>): string {
  const clauses = [`WorkflowType IN (${FLOW_TYPES.map(quote).join(', ')})`];
  if (filter.status === 'open') clauses.push("ExecutionStatus = 'Running'");
  if (filter.status === 'closed') clauses.push("ExecutionStatus != 'Running'");
  const equal: [string, string | undefined][] = [
    ['WindlassProduct', filter.product],
    ['WindlassPhase', filter.phase],
    ['WindlassType', filter.type],
    ['WindlassOutcome', filter.outcome],
    ['WindlassRequestedBy', filter.requestedBy],
  ];
  for (const [name, value] of equal) if (value !== undefined) clauses.push(`${name} = ${quote(value)}`);
  if (filter.waitingFor && filter.waitingFor.length > 0) {
    clauses.push(`WindlassWaitingFor IN (${filter.waitingFor.map(quote).join(', ')})`);
  }
  return clauses.join(' AND ');
}

function quote(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function toListing(execution: Execution): ReleaseListing {
  const workflowId = execution.execution?.workflowId ?? '';
  const attribute = (name: string) => readText(execution.searchAttributes?.indexedFields?.[name]);
  const releaseId = readText(execution.memo?.fields?.['releaseId']);
  const open = execution.status === RUNNING;
  const endedAt = open ? undefined : readTime(execution.closeTime);
  return {
    kind: flowOf(workflowId),
    product: attribute('WindlassProduct') ?? workflowId.split('/')[1] ?? '',
    workflowId,
    runId: execution.execution?.runId ?? '',
    ...optional('releaseId', releaseId),
    open,
    startedAt: readTime(execution.startTime) ?? '',
    ...optional('endedAt', endedAt),
    ...optional('version', attribute('WindlassVersion')),
    ...optional('type', attribute('WindlassType')),
    ...optional('phase', attribute('WindlassPhase')),
    ...optional('environment', attribute('WindlassEnvironment')),
    ...optional('outcome', attribute('WindlassOutcome')),
    ...optional('requestedBy', attribute('WindlassRequestedBy')),
    waitingFor: open ? readTexts(execution.searchAttributes?.indexedFields?.['WindlassWaitingFor']) : [],
  };
}

function optional<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, string>);
}

function readTexts(payload: Payload | undefined): string[] {
  if (!payload?.data) return [];
  try {
    const value: unknown = JSON.parse(Buffer.from(payload.data).toString('utf8'));
    return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');
  } catch {
    return [];
  }
}

function readText(payload: Payload | undefined): string | undefined {
  return readTexts(payload)[0];
}

function readTime(time: Timestamp | null | undefined): string | undefined {
  if (time?.seconds === undefined || time.seconds === null) return undefined;
  return new Date(
    Number(time.seconds.toString()) * 1_000 + Math.floor((time.nanos ?? 0) / 1e6),
  ).toISOString();
}
