/**
 * Reads the metrics of all instances and puts them together: one block for each metric, as Prometheus' format
 * demands. An instance that does not answer is left out; its absence shows as missing data, never as zero.
 * @param {number[]} ports
 * @returns {Promise<string>}
 */
export async function mergeMetrics(ports) {
  const texts = await Promise.all(
    ports.map((port) =>
      fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(2000) })
        .then((response) => (response.ok ? response.text() : ''))
        .catch(() => ''),
    ),
  );
  /** @type {Map<string, { head: string[], series: string[] }>} */
  const blocks = new Map();
  for (const text of texts) {
    let current = '';
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const [, kind, name] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? [];
      if (name) current = name;
      const block = blocks.get(current) ?? { head: [], series: [] };
      blocks.set(current, block);
      if (!kind) block.series.push(line);
      else if (!block.head.includes(line)) block.head.push(line);
    }
  }
  return [...blocks.values()].flatMap(({ head, series }) => [...head, ...series, '']).join('\n');
}
