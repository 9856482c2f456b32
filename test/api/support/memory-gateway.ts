import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type FlowKind, flowOf, flowWorkflowId } from '../../../src/api/flows.ts';
import type {
  CurrentRelease,
  ReleaseFilter,
  ReleaseListing,
  WorkflowGateway,
} from '../../../src/api/gateway.ts';
import { GatewayProblem } from '../../../src/api/gateway.ts';
import type { SignedCommand } from '../../../src/contracts/commands.ts';
import type { IncidentRecord, ReleaseRecord } from '../../../src/release/record/record.ts';
import type { ReleaseRequest } from '../../../src/release/values.ts';
import { viewSearchAttributes } from '../../../src/release/views/search-attributes.ts';

/** A gateway to nothing but memory, for tests of routes and rights. It knows no workflow: records are put there. */
export interface MemoryGateway extends WorkflowGateway {
  started: (ReleaseRequest & { kind: FlowKind; asked?: string })[];
  reported: SignedCommand[];
  incidents: IncidentRecord[];
  signals: { workflowId: string; name: string; argument: SignedCommand }[];
  /** Makes every call fail as if Temporal, or the worker, were away. */
  broken: 'away' | 'no_worker' | undefined;
  queries: number;
  /** Every incident that was reported is settled: its workflow has ended. */
  settled: boolean;
  put(record: ReleaseRecord, open?: boolean, runs?: string[]): void;
  texts: Map<string, string>;
}

export function createMemoryGateway(): MemoryGateway {
  const current = new Map<string, CurrentRelease>();
  const archived = new Map<string, ReleaseRecord>();
  const running = new Map<string, string[]>();
  let changes = 0;
  const listeners = new Set<() => void>();

  const check = () => {
    if (gateway.broken) throw new GatewayProblem(gateway.broken, 'away');
  };
  const gateway: MemoryGateway = {
    started: [],
    reported: [],
    incidents: [],
    signals: [],
    broken: undefined,
    queries: 0,
    settled: false,
    texts: new Map(),
    put(record, open = record.endedAt === undefined, runs = []) {
      const kind = record.kind as FlowKind;
      const workflowId = flowWorkflowId(record.product, kind);
      current.set(keyOf(record.product, kind), {
        record,
        open,
        workflowId,
        runId: `run-${record.releaseId}`,
      });
      running.set(record.releaseId, runs);
      if (!open) archived.set(`${record.product}/${record.releaseId}`, record);
      changes += 1;
      for (const listener of listeners) listener();
    },
    async listStarted(product, kind) {
      check();
      return gateway.started
        .filter((one) => one.product === product && one.kind === kind)
        .map(({ releaseId, asked }) => ({
          releaseId,
          startedAt: '2026-11-20T10:00:00.000Z',
          open: !archived.has(`${product}/${releaseId}`),
          ...(asked === undefined ? {} : { asked }),
        }))
        .reverse();
    },
    async isRunning(workflowId) {
      check();
      return workflowId.startsWith('incident/') && gateway.reported.length > 0 && !gateway.settled;
    },
    async start(kind, request, { more = {}, asked } = {}) {
      check();
      const running = current.get(keyOf(request.product, kind));
      const earlier = gateway.started.find(
        (one) =>
          one.product === request.product &&
          one.kind === kind &&
          !archived.has(`${one.product}/${one.releaseId}`),
      );
      if (running?.open || earlier) {
        throw new GatewayProblem('in_flight', 'in flight', {
          releaseId: running?.record.releaseId ?? earlier?.releaseId ?? '',
          startedAt: '2026-11-20T10:00:00.000Z',
          open: true,
          ...(earlier?.asked === undefined ? {} : { asked: earlier.asked }),
        });
      }
      gateway.started.push({ ...request, kind, ...more, ...(asked === undefined ? {} : { asked }) });
      return { workflowId: flowWorkflowId(request.product, kind), runId: 'run-1' };
    },
    async reportIncident(_product, signed) {
      check();
      gateway.reported.push(signed);
    },
    async readIncidents() {
      check();
      return gateway.incidents;
    },
    async signal(release, name, argument) {
      check();
      if (release.workflowId.startsWith('incident/') && gateway.reported.length === 0) {
        throw new GatewayProblem('not_in_flight', 'no incident waits');
      }
      // The incident workflow is there from its first report on.
      if (release.workflowId.startsWith('incident/') && gateway.reported.length === 0) {
        throw new GatewayProblem('not_in_flight', 'no incident');
      }
      gateway.signals.push({ workflowId: release.workflowId, name, argument: argument as SignedCommand });
    },
    async readCurrent(product, kind = 'release') {
      gateway.queries += 1;
      check();
      return current.get(keyOf(product, kind));
    },
    async findCommand(release, nonce) {
      check();
      return gateway.signals
        .filter(({ workflowId }) => workflowId === release.workflowId)
        .map(({ argument }) => argument)
        .concat(release.workflowId.startsWith('incident/') ? gateway.reported : [])
        .find((command) => JSON.parse(command.signed).nonce === nonce);
    },
    async listReleases(filter) {
      check();
      const lines = [...current.values()].map(toListing).filter((line) => isWanted(line, filter));
      const from = filter.cursor === undefined ? 0 : Number(filter.cursor);
      const to = from + filter.limit;
      return { releases: lines.slice(from, to), ...(to < lines.length ? { cursor: String(to) } : {}) };
    },
    async countReleases(filter) {
      check();
      return [...current.values()].map(toListing).filter((line) => isWanted(line, filter)).length;
    },
    async listArchived(product) {
      return [...archived.values()].filter((r) => r.product === product).map((r) => r.releaseId);
    },
    readArchived: async (product, releaseId) => archived.get(`${product}/${releaseId}`),
    listRunning: async ({ releaseId }) => running.get(releaseId) ?? [],
    readText: async (ref) => gateway.texts.get(ref.digest),
    readBytes: async (ref) => {
      const text = gateway.texts.get(ref.digest);
      return text === undefined ? undefined : Buffer.from(text);
    },
    openBytes: async (digest) => {
      const text = gateway.texts.get(digest);
      return text === undefined ? undefined : Readable.from([Buffer.from(text)]);
    },
    async writeText(text) {
      const digest = `sha256:${createHash('sha256').update(text).digest('hex')}` as const;
      gateway.texts.set(digest, text);
      return { digest, bytes: Buffer.byteLength(text) };
    },
    async waitForChange(_release, cursor, signal) {
      const seen = cursor === undefined ? -1 : (cursor[0] ?? 0);
      if (seen === changes % 256) {
        await new Promise<void>((resolve) => {
          const done = () => {
            listeners.delete(done);
            resolve();
          };
          listeners.add(done);
          signal.addEventListener('abort', done, { once: true });
        });
      }
      check();
      return { cursor: Uint8Array.of(changes % 256), changed: true, closed: false };
    },
    listSchedules: async () => [
      {
        id: 'calendar/shop',
        product: 'shop',
        paused: true,
        note: '',
        nextTimes: ['2026-12-04T15:00:00.000Z'],
      },
    ],
    ping: async () => check(),
  };
  return gateway;
}

function toListing(release: CurrentRelease): ReleaseListing {
  const { record } = release;
  const attributes = viewSearchAttributes(record);
  return {
    product: record.product,
    kind: flowOf(release.workflowId),
    workflowId: release.workflowId,
    runId: release.runId ?? '',
    releaseId: record.releaseId,
    open: release.open,
    startedAt: record.startedAt,
    ...(record.plan === undefined ? {} : { version: record.plan.version }),
    phase: record.phase,
    waitingFor: attributes['WindlassWaitingFor'] ?? [],
  };
}

function isWanted(
  line: ReleaseListing,
  filter: Pick<ReleaseFilter, 'product' | 'status' | 'waitingFor'>,
): boolean {
  if (filter.product !== undefined && line.product !== filter.product) return false;
  if (filter.status !== 'all' && line.open !== (filter.status === 'open')) return false;
  return !filter.waitingFor || filter.waitingFor.some((one) => line.waitingFor.includes(one));
}

function keyOf(product: string, kind: FlowKind): string {
  return `${kind}/${product}`;
}
