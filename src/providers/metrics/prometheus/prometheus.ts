import { limitSignal } from '../../../integrations/limit-signal.ts';
import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import { describeFetchError, type MetricPoint, type MissingMetric } from '../sample.ts';

/** One range query. `start` and `end` are inclusive. */
export interface RangeQuery {
  /** Prometheus' own address, such as `http://prometheus:9090`. */
  url: string;
  query: string;
  start: Date;
  end: Date;
  stepSeconds: number;
  /** Sent as a bearer token. */
  token?: string;
  signal?: AbortSignal;
  /** 30 s if left out. */
  timeoutMs?: number;
}

// What Prometheus itself refuses to exceed for one series.
const MOST_POINTS = 11_000;

/**
 * The one series that a query gives over a range. Infinite values and NaN become null; a step without a sample
 * has no point. Never throws for what the source does: an answer that cannot be judged is `missing`.
 */
export async function queryRange(query: RangeQuery): Promise<{ points: MetricPoint[] } | MissingMetric> {
  const seconds = (query.end.getTime() - query.start.getTime()) / 1000;
  if (!(query.stepSeconds > 0) || !(seconds >= 0) || seconds / query.stepSeconds > MOST_POINTS) {
    return { missing: `The range does not make 1 to ${MOST_POINTS} points: choose a larger step.` };
  }
  const base = URL.canParse(query.url) ? new URL(query.url) : undefined;
  if (!base || !/^https?:$/.test(base.protocol))
    return { missing: 'The address of Prometheus is not an http(s) URL.' };
  const target = new URL(`${base.pathname.replace(/\/$/, '')}/api/v1/query_range`, base);
  const timeoutMs = query.timeoutMs ?? LIMITS_MS.request;
  try {
    const response = await fetch(target, {
      // By POST, since a long query does not fit into every proxy's idea of an address.
      method: 'POST',
      body: new URLSearchParams({
        query: query.query,
        start: String(query.start.getTime() / 1000),
        end: String(query.end.getTime() / 1000),
        step: String(query.stepSeconds),
        timeout: `${Math.ceil(timeoutMs / 1000)}s`,
      }),
      headers: query.token ? { authorization: `Bearer ${query.token}` } : {},
      redirect: 'error',
      signal: limitSignal(timeoutMs, query.signal),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    return readAnswer(answer, response.status, target.host);
  } catch (error) {
    return {
      missing: `Prometheus at ${target.host} cannot be asked: ${describeFetchError(error, timeoutMs)}.`,
    };
  }
}

interface Answer {
  status?: unknown;
  error?: unknown;
  data?: { resultType?: unknown; result?: unknown };
}

function readAnswer(
  answer: unknown,
  status: number,
  host: string,
): { points: MetricPoint[] } | MissingMetric {
  const {
    status: said,
    error,
    data,
  } = (typeof answer === 'object' && answer !== null ? answer : {}) as Answer;
  if (said !== 'success' || !Array.isArray(data?.result)) {
    const reason = typeof error === 'string' ? `: ${error.slice(0, 300)}` : '';
    return { missing: `Prometheus at ${host} answered ${status}${reason}.` };
  }
  const series = data.result as { metric?: Record<string, string>; values?: unknown }[];
  if (series.length > 1) {
    const labels = series.slice(0, 3).map(({ metric }) => JSON.stringify(metric ?? {}));
    return {
      missing: `The query gives ${series.length} series (${labels.join(', ')}…); aggregate them, for example with sum().`,
    };
  }
  const values = series[0]?.values;
  if (!Array.isArray(values)) return { missing: 'The query gives no series in this range.' };
  return { points: values.map(readPoint) };
}

function readPoint(entry: unknown): MetricPoint {
  const [seconds, text] = entry as [number, string];
  const value = Number(text);
  return {
    time: new Date(Math.round(seconds * 1000)).toISOString(),
    value: Number.isFinite(value) ? value : null,
  };
}
