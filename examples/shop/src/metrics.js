const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/**
 * Counts what monitoring wants to know and writes it in Prometheus' text format. Every series carries this
 * process's version, slot and instance, so that old and new can be compared while both run.
 * @param {import('./settings.js').Settings} settings
 */
export function createMetrics(settings) {
  const own = `version="${settings.version}",slot="${settings.slot}",instance="${settings.instance}"`;
  /** @type {Map<string, number>} */
  const requests = new Map();
  const buckets = BUCKETS_SECONDS.map(() => 0);
  let observed = 0;
  let sumSeconds = 0;
  let orders = 0;

  return {
    /**
     * @param {string} route the pattern of the route, not the path: paths are without number
     * @param {number} code HTTP status
     * @param {number} seconds
     */
    countRequest(route, code, seconds) {
      const labels = `route="${route}",code="${code}",${own}`;
      requests.set(labels, (requests.get(labels) ?? 0) + 1);
      observed += 1;
      sumSeconds += seconds;
      BUCKETS_SECONDS.forEach((limit, index) => {
        if (seconds <= limit) buckets[index] = (buckets[index] ?? 0) + 1;
      });
    },

    countOrder() {
      orders += 1;
    },

    /** @returns {string} */
    render() {
      const saturation = process.memoryUsage.rss() / (settings.memoryLimitMb * 1024 * 1024);
      return [
        '# HELP http_requests_total Answered requests.',
        '# TYPE http_requests_total counter',
        ...[...requests].map(([labels, count]) => `http_requests_total{${labels}} ${count}`),
        '# HELP http_request_duration_seconds Time to answer a request.',
        '# TYPE http_request_duration_seconds histogram',
        ...BUCKETS_SECONDS.map(
          (limit, index) => `http_request_duration_seconds_bucket{le="${limit}",${own}} ${buckets[index]}`,
        ),
        `http_request_duration_seconds_bucket{le="+Inf",${own}} ${observed}`,
        `http_request_duration_seconds_sum{${own}} ${sumSeconds}`,
        `http_request_duration_seconds_count{${own}} ${observed}`,
        '# HELP shop_saturation_ratio Resident memory as a share of its limit; 1 is full.',
        '# TYPE shop_saturation_ratio gauge',
        `shop_saturation_ratio{${own}} ${saturation.toFixed(4)}`,
        '# HELP orders_total Placed orders.',
        '# TYPE orders_total counter',
        `orders_total{${own}} ${orders}`,
        '',
      ].join('\n');
    },
  };
}
