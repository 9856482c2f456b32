import { COMMAND_NAMES, COMMANDS, type CommandName } from '../../release/commands/command-table.ts';
import { CliProblem } from './cli-problem.ts';

/** What the command line can do, in the order of its help. */
export interface CommandEntry {
  name: string;
  /** What stands behind the name in the help. */
  usage: string;
  does: string;
  load(): Promise<(argv: string[]) => Promise<number>>;
}

export interface CommandGroup {
  title: string;
  commands: CommandEntry[];
}

/** Before anything of it is loaded: what is missing is said in a sentence. */
async function requireWorkerParts(): Promise<void> {
  const { findWorkerProblem } = await import('../process/find-worker-problem.ts');
  const problem = findWorkerProblem();
  if (problem) throw new CliProblem(`no worker can run here: ${problem.found}.`, { hint: problem.advice });
}

/** A command that says no more than why: its row in the table of commands has its words. */
const act = (command: CommandName): CommandEntry => {
  const { cli, does, needsReason } = COMMANDS[command];
  const name = cli?.name ?? command;
  return {
    name,
    usage: needsReason ? 'PRODUCT --comment TEXT' : 'PRODUCT [--comment TEXT]',
    does,
    load: async () => {
      const { runAct } = await import('../remote/act.ts');
      return async (argv) => await runAct(name, argv);
    },
  };
};

const listActs = (about: 'production' | undefined) =>
  COMMAND_NAMES.filter((name) => COMMANDS[name].cli && COMMANDS[name].about === about).map(act);

export const COMMAND_GROUPS: CommandGroup[] = [
  {
    title: 'Releasing (through the HTTP API)',
    commands: [
      {
        name: 'release',
        usage: 'PRODUCT [--bump B] [--version V] [--watch]',
        does: 'start a release',
        load: async () => (await import('../remote/start/release.ts')).runRelease,
      },
      {
        name: 'status',
        usage: '[PRODUCT] [--kind K] [--json]',
        does: 'what is in flight, or where one release stands',
        load: async () => (await import('../remote/status.ts')).runStatus,
      },
      {
        name: 'watch',
        usage: 'PRODUCT [--kind K]',
        does: 'follow a release, or another flow, to its end',
        load: async () => (await import('../remote/follow/watch.ts')).runWatch,
      },
      {
        name: 'log',
        usage: 'PRODUCT [STEP] [--kind K] [--release ID]',
        does: 'what the scripts of a step wrote, all of it',
        load: async () => (await import('../remote/log.ts')).runLog,
      },
      {
        name: 'approve',
        usage: 'PRODUCT GATE [--comment TEXT] [--role R]',
        does: 'approve an open gate',
        load: async () => {
          const { runDecide } = await import('../remote/decide.ts');
          return async (argv) => await runDecide('approve', argv);
        },
      },
      {
        name: 'reject',
        usage: 'PRODUCT GATE --comment TEXT [--role R]',
        does: 'reject an open gate, with a reason',
        load: async () => {
          const { runDecide } = await import('../remote/decide.ts');
          return async (argv) => await runDecide('reject', argv);
        },
      },
      ...listActs(undefined),
    ],
  },
  {
    title: 'In production (through the HTTP API)',
    commands: [
      {
        name: 'rollback',
        usage: 'PRODUCT [--to VERSION] [--watch]',
        does: 'put the version before, or an earlier one, back',
        load: async () => (await import('../remote/start/rollback.ts')).runRollback,
      },
      {
        name: 'hotfix',
        usage: 'PRODUCT --commit SHA…|--branch B [--careful]',
        does: 'an emergency fix on top of what production runs',
        load: async () => (await import('../remote/start/hotfix.ts')).runHotfix,
      },
      {
        name: 'incident',
        usage: 'PRODUCT --severity S --summary TEXT',
        does: 'report an incident',
        load: async () => (await import('../remote/incident.ts')).runIncident,
      },
      ...listActs('production'),
      {
        name: 'monitoring',
        usage: 'extend|end PRODUCT …',
        does: 'lengthen or end the monitoring window',
        load: async () => (await import('../remote/monitoring.ts')).runMonitoring,
      },
      {
        name: 'audit',
        usage: 'PRODUCT [--anchor DIGEST]',
        does: "verify the chain of a release's record",
        load: async () => (await import('../remote/audit/audit.ts')).runAudit,
      },
    ],
  },
  {
    title: 'Building blocks of a release, alone (through the HTTP API)',
    commands: [
      {
        name: 'gates',
        usage: 'PRODUCT [--profile peak|baseline] [--watch]',
        does: 'build, and run the quality gates; nothing is pushed',
        load: async () => (await import('../remote/start/gates.ts')).runGates,
      },
      {
        name: 'deploy',
        usage: 'PRODUCT VERSION --environment E [--strategy S]',
        does: 'deploy a version that is released already',
        load: async () => (await import('../remote/start/deploy.ts')).runDeploy,
      },
      {
        name: 'monitor',
        usage: 'PRODUCT --for LENGTH [--watch]',
        does: 'watch production for a while',
        load: async () => (await import('../remote/start/monitor.ts')).runMonitor,
      },
      {
        name: 'post-mortem',
        usage: 'own|close PRODUCT …',
        does: 'own or close the post-mortem of a rollback',
        load: async () => (await import('../remote/post-mortem.ts')).runPostMortem,
      },
      {
        name: 'metrics',
        usage: 'PRODUCT [--json]',
        does: "DORA's figures of the last 30 and 90 days",
        load: async () => (await import('../remote/metrics.ts')).runMetrics,
      },
    ],
  },
  {
    title: 'Planning, judging and verifying (local, no server)',
    commands: [
      {
        name: 'plan',
        usage: '[--repo PATH] …',
        does: 'next version, changelog and notes from history',
        load: async () => (await import('../plan.ts')).runPlan,
      },
      {
        name: 'judge',
        usage: '--check F --baseline F --candidate F',
        does: 'the verdict of monitoring on recorded series',
        load: async () => (await import('../judge.ts')).runJudge,
      },
      {
        name: 'verify',
        usage: 'PRODUCT VERSION [--json]',
        does: 'a version from its commit to production, by signatures and digests',
        load: async () => (await import('../verify/verify.ts')).runVerify,
      },
    ],
  },
  {
    title: 'Setting up and running',
    commands: [
      {
        name: 'init',
        usage: '',
        does: 'a configuration that fits this repository',
        load: async () => (await import('../init/init.ts')).runInit,
      },
      {
        name: 'config',
        usage: 'check|init|schema|reference',
        does: 'check or start a configuration',
        load: async () => (await import('../config.ts')).runConfig,
      },
      {
        name: 'keys',
        usage: 'payload | signing --out FILE',
        does: 'make a key',
        load: async () => (await import('../keys.ts')).runKeys,
      },
      {
        name: 'completion',
        usage: 'bash|zsh|fish',
        does: 'a script that completes commands, products and gates',
        load: async () => (await import('../completion/completion.ts')).runCompletion,
      },
      {
        name: 'doctor',
        usage: '[--json]',
        does: 'what is missing on this machine',
        load: async () => {
          const [{ runDoctor }, { currentEnvironment }] = await Promise.all([
            import('../doctor/doctor.ts'),
            import('../../config/environment.ts'),
          ]);
          return async (argv) => await runDoctor(argv, currentEnvironment());
        },
      },
      {
        name: 'preflight',
        usage: 'PRODUCT [--json]',
        does: 'before a release: everything that would keep it from its end',
        load: async () => (await import('../preflight/preflight.ts')).runPreflight,
      },
      {
        name: 'replay',
        usage: '--from-server | FILE…',
        does: 'before an upgrade: what in flight would break',
        load: async () => {
          await requireWorkerParts();
          return (await import('../replay.ts')).startReplay;
        },
      },
      {
        name: 'schedule',
        usage: 'apply|enable|pause|list|trigger|preview',
        does: 'releases at the end of each sprint',
        load: async () => (await import('../schedule.ts')).runSchedule,
      },
      {
        name: 'dev',
        usage: '[--config FILE]',
        does: 'everything in one process, for development',
        load: async () => {
          await requireWorkerParts();
          return (await import('../process/dev.ts')).runDev;
        },
      },
      {
        name: 'demo',
        usage: '[--bad]',
        does: 'release the example product for real',
        load: async () => (await import('../demo.ts')).runDemo,
      },
      {
        name: 'health',
        usage: 'ROLE|api',
        does: 'for containers: does the worker of a role, or the API, work?',
        load: async () => (await import('../process/health.ts')).runHealth,
      },
      {
        name: 'worker',
        usage: '--role R[,R…]',
        does: 'one or more workers',
        load: async () => {
          await requireWorkerParts();
          return (await import('../process/worker.ts')).runWorker;
        },
      },
      {
        name: 'serve',
        usage: '[--config FILE]',
        does: 'the HTTP API',
        load: async () => (await import('../process/serve.ts')).runServe,
      },
    ],
  },
];
