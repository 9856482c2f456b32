import fc from 'fast-check';
import type { CommandName } from '../../../src/contracts/commands.ts';
import type { Severity } from '../../../src/release/settings.ts';
import type { FaultKind } from './model-world.ts';

export const NAMES = ['ana', 'ben', 'cleo', 'dan', 'eve', 'mallory'] as const;

/** One thing that somebody, or something, does. */
export type Move =
  /** `stale`: on a page that was loaded when this schedule's previous move was made. `twice`: the same bytes again. */
  | {
      move: 'press';
      person: string;
      command: CommandName;
      stale: boolean;
      twice: boolean;
      severity: Severity;
    }
  /** Whoever is asked approves whatever is open, each for a time (ms) that may be short. */
  | { move: 'approve_all'; validMs: number }
  | { move: 'alert'; severity: Severity | undefined; key: string }
  | { move: 'roles'; person: string; loses: boolean }
  | { move: 'freeze'; declared: boolean }
  | { move: 'fault'; at: string; kind: FaultKind }
  | { move: 'sick'; sick: boolean }
  | { move: 'terminate'; what: 'release' | 'deployment' | 'monitoring' | 'rollback' }
  /** The process that runs the workflows, for all schedules. */
  | { move: 'worker_dies' }
  | { move: 'roll_back_product' }
  | { move: 'wait'; ms: number };

/** What happens at the same moment: one move, or two people at a time. */
export type Step = Move[];

const COMMANDS: CommandName[] = [
  'approve',
  'reject',
  'hold',
  'resume',
  'retry',
  'replan',
  'skip',
  'abort',
  'rollback',
  'dismiss',
  'incident',
  'extend_monitoring',
  'end_monitoring',
];

const FAULTS = [
  'planRelease',
  'commitRelease',
  'buildRelease',
  'runGate',
  'pushReleaseBranch',
  'publishBuilt',
  'verifyPublication',
  'backup',
  'deploy',
  'verify',
  'smoke',
  'status',
  'rollback',
  'mergeRelease',
  'pushTag',
  'moveChannel',
];

const person = fc.constantFrom(...NAMES);
const severity = fc.constantFrom<Severity>('critical', 'high', 'medium', 'low');

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      move: fc.constant('press' as const),
      person,
      command: fc.constantFrom(...COMMANDS),
      stale: fc.boolean(),
      twice: fc.boolean(),
      severity,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      move: fc.constant('approve_all' as const),
      validMs: fc.constantFrom(400, 3_600_000, 3_600_000, 3_600_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      move: fc.constant('alert' as const),
      severity: fc.option(severity, { nil: undefined }),
      key: fc.constantFrom('errors', 'latency'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ move: fc.constant('roles' as const), person, loses: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ move: fc.constant('freeze' as const), declared: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      move: fc.constant('fault' as const),
      at: fc.constantFrom(...FAULTS),
      kind: fc.constantFrom<FaultKind>('fails', 'dies_before', 'dies_after'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ move: fc.constant('sick' as const), sick: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      move: fc.constant('terminate' as const),
      what: fc.constantFrom(
        'release' as const,
        'deployment' as const,
        'monitoring' as const,
        'rollback' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ move: fc.constant('roll_back_product' as const) }) },
  { weight: 1, arbitrary: fc.record({ move: fc.constant('worker_dies' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({ move: fc.constant('wait' as const), ms: fc.constantFrom(50, 200, 600, 1_500) }),
  },
);

const pressed = move.filter(
  (one) => one.move === 'press' || one.move === 'approve_all' || one.move === 'alert',
);

/** What happens to one release, and around it. */
export const schedule: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: move.map((one) => [one]) },
    { weight: 1, arbitrary: fc.tuple(pressed, pressed).map((two): Step => [...two]) },
  ),
  { minLength: 6, maxLength: 18 },
);
