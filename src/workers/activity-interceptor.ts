import { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { fail, handBack, toFailure } from '../activities/fail.ts';
import { readAsking } from '../contracts/inbound/read-asking.ts';
import { isUndecodable } from '../contracts/undecodable.ts';
import { WORKER_MS } from '../release/policy/inner-times.ts';

/** The SDK holds heartbeats back for most of the time-out unless told otherwise: then one late beat would be a death. */
export const HEARTBEAT_THROTTLE = '500 milliseconds';

/** Beats per heartbeat time-out. */
const BEATS = 5;
/** Share of the time-out after which a silent try counts as given away: what is left covers beat and throttle. */
const LOST_AFTER = 0.6;
interface Pulse {
  limitMs: number;
  /** By both clocks: one stands still while a machine sleeps, the other may be set. */
  beatAt: { wall: number; steady: number };
  lost: boolean;
}

export interface Supervision {
  intercept(): { inbound: ActivityInboundCallsInterceptor };
  /** How often the current activity's workflow has asked for it, after the configuration refused it; 0 at first. */
  round(): number;
  /** Whether the current activity's try is surely still this worker's. */
  isOwned(): boolean;
}

/**
 * Beats for every activity while it runs, so that the death of a worker is noticed in seconds and cancellation
 * arrives; knows when this process was frozen for so long that its tries were given to others; and gives every error
 * the type by which workflows and people know what can be done. What a worker that was asked to stop could not finish
 * within its grace is handed back, whatever it says of its end: another worker repeats it by its effect key.
 */
export function createSupervision(): Supervision {
  const pulses = new WeakMap<Context, Pulse>();
  const rounds = new WeakMap<Context, number>();
  return {
    intercept: () => ({
      inbound: {
        async execute(input, next) {
          const context = Context.current();
          const timeoutMs = context.info.heartbeatTimeoutMs ?? WORKER_MS.heartbeat;
          const pulse: Pulse = { limitMs: timeoutMs * LOST_AFTER, beatAt: readClocks(), lost: false };
          pulses.set(context, pulse);
          rounds.set(context, readAsking(input.args[1]).round);
          context.heartbeat();
          const beat = setInterval(() => {
            takePulse(pulse);
            pulse.beatAt = readClocks();
            context.heartbeat();
          }, timeoutMs / BEATS);
          try {
            refuseUnopened(input.args);
            return await next(input);
          } catch (error) {
            throw context.cancellationDetails?.workerShutdown ? handBack(error) : toFailure(error);
          } finally {
            clearInterval(beat);
          }
        },
      },
    }),
    round: () => rounds.get(Context.current()) ?? 0,
    isOwned: () => {
      const pulse = pulses.get(Context.current());
      return pulse === undefined || takePulse(pulse);
    },
  };
}

/** Whoever can only reach the namespace can schedule an activity, but not seal its input. */
function refuseUnopened(args: readonly unknown[]): void {
  const unopened = args.find(isUndecodable);
  if (!unopened) return;
  throw fail('NotAuthorized', {
    what: `the input of this activity is not from this installation: ${unopened.undecodable}`,
    changed: 'nothing',
    next: 'find out who schedules work on the queues of this namespace',
  });
}

/** Once a silence was too long, the try stays lost, however well it beats afterwards. */
function takePulse(pulse: Pulse): boolean {
  const now = readClocks();
  const silentMs = Math.max(now.wall - pulse.beatAt.wall, now.steady - pulse.beatAt.steady);
  pulse.lost ||= silentMs > pulse.limitMs;
  return !pulse.lost;
}

function readClocks(): Pulse['beatAt'] {
  return { wall: Date.now(), steady: performance.now() };
}
