import type { FlowKind } from '../flows.ts';

/** Where the report of a gate is shown. */
export function reportPath(flow: { product: string; kind: FlowKind }, gate: string): string {
  return pagePath(flow, `/gates/${encodeURIComponent(gate)}/report`);
}

/** Where the log of a step is read. */
export function logPath(flow: { product: string; kind: FlowKind }, step: string): string {
  return pagePath(flow, `/steps/${encodeURIComponent(step)}/log`);
}

/** The address of a page about a flow; `kind` is left out for releases, so that their addresses stay short. */
export function pagePath(
  flow: { product: string; kind: FlowKind },
  rest = '',
  query: Record<string, string | undefined> = {},
): string {
  const search = new URLSearchParams(flow.kind === 'release' ? {} : { kind: flow.kind });
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value);
  const path = `/releases/${encodeURIComponent(flow.product)}${rest}`;
  return search.size > 0 ? `${path}?${search}` : path;
}
