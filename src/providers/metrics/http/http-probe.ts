import { limitSignal } from '../../../integrations/limit-signal.ts';
import { describeFetchError, type MissingMetric } from '../sample.ts';

/** One look at an address. */
export interface ProbeRequest {
  url: string;
  timeoutMs: number;
  /** The status that counts as well; any 2xx if left out. */
  expectStatus?: number;
  signal?: AbortSignal;
}

/** What was seen: `ms` from the request to the last byte of the answer. */
export interface ProbeResult {
  ok: boolean;
  status: number;
  ms: number;
}

/**
 * Asks an address once, following no redirect. An address that gives no answer is `missing` with the reason:
 * whether that is the service's fault or the network's is for the verdict to weigh.
 */
export async function probe(request: ProbeRequest): Promise<ProbeResult | MissingMetric> {
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    return { missing: 'The address to probe is not an http(s) URL.' };
  const started = performance.now();
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { 'user-agent': 'windlass-probe', 'cache-control': 'no-cache' },
      signal: limitSignal(request.timeoutMs, request.signal),
    });
    await drain(response);
    const ok = request.expectStatus === undefined ? response.ok : response.status === request.expectStatus;
    return { ok, status: response.status, ms: performance.now() - started };
  } catch (error) {
    return { missing: `${url.host} gives no answer: ${describeFetchError(error, request.timeoutMs)}.` };
  }
}

/** Reads an answer to its end without keeping it. */
async function drain(response: Response): Promise<void> {
  if (!response.body) return;
  for await (const _chunk of response.body) {
    // Only the time of the last byte matters.
  }
}
