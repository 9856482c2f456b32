import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What Prometheus reads of the API. No label names a person or a release. */
export interface ApiMetrics {
  contentType: string;
  render(): Promise<string>;
  countRequest(method: string, route: string, status: number, seconds: number): void;
  countCommand(command: string, outcome: string): void;
  watchStreams(count: () => number): void;
}

/** Metrics of one app, in a registry of its own. */
export function createMetrics(): ApiMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  const requests = new Histogram({
    name: 'windlass_api_request_seconds',
    help: 'Time from request to answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  const commands = new Counter({
    name: 'windlass_api_commands_total',
    help: 'Commands of people, by what became of them',
    labelNames: ['command', 'outcome'],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    countRequest: (method, route, status, seconds) => {
      requests.observe({ method, route, status: String(status) }, seconds);
    },
    countCommand: (command, outcome) => commands.inc({ command, outcome }),
    watchStreams: (count) => {
      new Gauge({
        name: 'windlass_api_streams',
        help: 'Open event streams',
        registers: [registry],
        collect() {
          this.set(count());
        },
      });
    },
  };
}
