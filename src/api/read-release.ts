/** A run as Temporal and the store have it, and as it is shown to whoever asks. */
import type { ReleaseRecord } from '../release/record/record.ts';
import { renderSummary } from '../release/views/summary.ts';
import type { Principal } from './auth/principal.ts';
import { requireProduct, whyStopped } from './commands/find-product.ts';
import { type Action, listActions } from './commands/list-actions.ts';
import { releaseUrl } from './commands/start-release.ts';
import { type ApiDeps, permissionsOf } from './deps.ts';
import { type FlowKind, flowOf } from './flows.ts';
import type { CurrentRelease } from './gateway.ts';
import { reportPath } from './page/paths.ts';
import { notFound } from './problem.ts';
import { presentRecord } from './schemas/release.ts';

/** The product's release in flight, or its last one. @throws ApiProblem 404. */
export async function requireCurrent(
  deps: ApiDeps,
  product: string,
  kind: FlowKind = 'release',
): Promise<CurrentRelease> {
  requireProduct(deps, product);
  const current = await deps.gateway.readCurrent(product, kind);
  if (current) return current;
  throw notFound(`There is no ${kind} of ${product} yet.`, `start one: windlass release ${product}`);
}

/** The record of a release of the product that has ended. @throws ApiProblem 404. */
export async function requireArchived(deps: ApiDeps, product: string, id: string): Promise<ReleaseRecord> {
  requireProduct(deps, product);
  const record = await deps.gateway.readArchived(product, id);
  if (record) return record;
  throw notFound(`There is no archived release "${id}".`, `see the list: /v1/releases/${product}/archive`);
}

/** What production runs now, of a release that has ended; nothing of one in flight. */
export async function listRunning(
  deps: Pick<ApiDeps, 'gateway'>,
  { record, open }: Pick<CurrentRelease, 'record' | 'open'>,
): Promise<string[]> {
  return open ? [] : await deps.gateway.listRunning(record);
}

/** What the asking person may do: nobody is asked to approve what is not to be believed. @param runs what production runs */
export function listOffered(
  deps: ApiDeps,
  { record, unverified }: CurrentRelease,
  principal: Principal,
  runs: readonly string[] = [],
): Action[] {
  const actions = listActions(record, principal, permissionsOf(deps), deps.clock(), runs);
  return unverified === undefined ? actions : actions.filter(({ command }) => command !== 'approve');
}

/** A release with what the asking person may do. */
export async function presentRelease(deps: ApiDeps, current: CurrentRelease, principal: Principal) {
  const { record, open, unverified } = current;
  const runs = await listRunning(deps, current);
  const temporalUrl = temporalLink(deps, current);
  const stopped = whyStopped(deps, record.product);
  const flow = { product: record.product, kind: flowOf(current.workflowId) };
  return {
    open,
    ...(runs.length === 0 ? {} : { runs }),
    summary: renderSummary(record),
    url: releaseUrl(deps, flow.product, flow.kind),
    ...(temporalUrl === undefined ? {} : { temporalUrl }),
    ...(unverified === undefined ? {} : { unverified: `${unverified}.` }),
    ...(stopped === undefined ? {} : { stopped: `${stopped}.` }),
    actions: listOffered(deps, current, principal, runs),
    reports: record.gates.flatMap(({ gate, report }) => {
      if (!report) return [];
      const { mediaType } = report;
      const url = `${deps.installation.api.url}${reportPath(flow, gate)}`;
      return [{ gate, url, ...(mediaType === undefined ? {} : { mediaType }) }];
    }),
    record: presentRecord(record),
  };
}

/** The release's page in Temporal's Web UI, where that is configured. */
export function temporalLink(
  deps: ApiDeps,
  current: Pick<CurrentRelease, 'workflowId' | 'runId'>,
): string | undefined {
  const { webUiUrl, temporal } = deps.installation;
  if (webUiUrl === undefined || current.runId === undefined) return undefined;
  const [namespace, id, run] = [temporal.namespace, current.workflowId, current.runId].map(
    encodeURIComponent,
  );
  return `${webUiUrl}/namespaces/${namespace}/workflows/${id}/${run}/history`;
}

/** The plan's texts from the store. @throws ApiProblem 404 while nothing is planned. */
export async function readTexts(
  deps: ApiDeps,
  record: CurrentRelease['record'],
): Promise<{ changelog: string; notes: string }> {
  if (!record.plan)
    throw notFound('Nothing is planned yet, so there are no texts.', 'look again when the plan is made');
  const [changelog, notes] = await Promise.all([
    deps.gateway.readText(record.plan.changelog),
    deps.gateway.readText(record.plan.notes),
  ]);
  if (changelog === undefined || notes === undefined) {
    throw notFound(
      'The texts are not in the store of this API.',
      'let the API and the workers use the same store',
    );
  }
  return { changelog, notes };
}
