/** One value of a series; null where the source says that it has none (NaN). */
export interface MetricPoint {
  /** ISO 8601. */
  time: string;
  value: number | null;
}

/** Why there is no answer: a source that is away is a finding, never an exception and never a zero. */
export interface MissingMetric {
  /** One sentence for a person. */
  missing: string;
}

/** Why a fetch failed, in a few words and without the address's secrets. */
export function describeFetchError(error: unknown, timeoutMs: number): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  if (name === 'AbortError') return 'the request was called off';
  return cause?.code ?? cause?.message ?? 'the request failed';
}
