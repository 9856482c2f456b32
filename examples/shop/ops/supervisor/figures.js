/** How long single requests are remembered. */
const KEEP_MS = 10 * 60_000;
/** At most so many, however busy it gets: the oldest go first. */
const KEEP_REQUESTS = 200_000;

/**
 * @typedef {{ at: number, version: string, slot: string, ms: number, failed: boolean, ordered: boolean }} Sample
 * @typedef {object} Figures of one version (or of all) over a span of time
 * @property {number} requests
 * @property {number} errors answered with 5xx, or not at all
 * @property {number | null} errorPercent null without requests: no data is not "no errors"
 * @property {number | null} p50 milliseconds
 * @property {number | null} p95
 * @property {number | null} p99
 * @property {number} orders
 */

/** Remembers what the proxy saw, for `measure` and for /metrics. */
export function createFigures() {
  /** @type {Sample[]} */
  let samples = [];
  /** @type {Map<string, number>} */
  const totals = new Map();

  return {
    /** @param {Sample & { code: number }} sample */
    add({ code, ...sample }) {
      samples.push(sample);
      if (samples.length > KEEP_REQUESTS + 1000) samples = samples.slice(-KEEP_REQUESTS);
      const labels = `version="${sample.version}",slot="${sample.slot}",code="${code}"`;
      totals.set(labels, (totals.get(labels) ?? 0) + 1);
    },

    /**
     * @param {{ now: number, seconds: number, version?: string | undefined, slot?: string | undefined }} span
     * @returns {Figures}
     */
    over({ now, seconds, version, slot }) {
      samples = samples.filter(({ at }) => at > now - KEEP_MS);
      const chosen = samples.filter(
        (sample) =>
          sample.at > now - seconds * 1000 &&
          (version === undefined || sample.version === version) &&
          (slot === undefined || sample.slot === slot),
      );
      const times = chosen.map(({ ms }) => ms).sort((a, b) => a - b);
      const errors = chosen.filter(({ failed }) => failed).length;
      return {
        requests: chosen.length,
        errors,
        errorPercent: chosen.length === 0 ? null : (100 * errors) / chosen.length,
        p50: percentile(times, 50),
        p95: percentile(times, 95),
        p99: percentile(times, 99),
        orders: chosen.filter(({ ordered }) => ordered).length,
      };
    },

    /** @returns {string} Prometheus' text format */
    render() {
      return [
        '# HELP proxy_requests_total Requests answered through the proxy.',
        '# TYPE proxy_requests_total counter',
        ...[...totals].map(([labels, count]) => `proxy_requests_total{${labels}} ${count}`),
        '',
      ].join('\n');
    },
  };
}

/**
 * The nearest-rank percentile: the smallest value that at least `percent` of all values do not exceed.
 * @param {number[]} sorted ascending
 * @param {number} percent
 * @returns {number | null}
 */
function percentile(sorted, percent) {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null;
}
