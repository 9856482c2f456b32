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

const act = (name: string, does: string, usage = 'PRODUCT [--comment TEXT]'): CommandEntry => ({
  name,
  usage,
  does,
  load: async () => {
    const { runAct } = await import('./remote/act.ts');
    return async (argv) => await runAct(name, argv);
  },
});

export const COMMAND_GROUPS: CommandGroup[] = [
  {
    title: 'Releasing (through the HTTP API)',
    commands: [
      {
        name: 'release',
        usage: 'PRODUCT [--bump B] [--version V] [--watch]',
        does: 'start a release',
        load: async () => (await import('./remote/release.ts')).runRelease,
      },
      {
        name: 'status',
        usage: '[PRODUCT] [--json]',
        does: 'what is in flight, or where one release stands',
        load: async () => (await import('./remote/status.ts')).runStatus,
      },
      {
        name: 'watch',
        usage: 'PRODUCT',
        does: 'follow a release to its end',
        load: async () => (await import('./remote/watch.ts')).runWatch,
      },
      {
        name: 'approve',
        usage: 'PRODUCT GATE [--comment TEXT] [--role R]',
        does: 'approve an open gate',
        load: async () => {
          const { runDecide } = await import('./remote/decide.ts');
          return async (argv) => await runDecide('approve', argv);
        },
      },
      {
        name: 'reject',
        usage: 'PRODUCT GATE --comment TEXT [--role R]',
        does: 'reject an open gate, with a reason',
        load: async () => {
          const { runDecide } = await import('./remote/decide.ts');
          return async (argv) => await runDecide('reject', argv);
        },
      },
      act('hold', 'stop before the next step'),
      act('resume', 'go on after a hold'),
      act('retry', 'repeat the failed step on the same plan'),
      act('replan', 'take the newest commit, void the approvals, plan again'),
      act('skip', 'go on without the failed step, where policy allows it', 'PRODUCT --comment TEXT'),
      act('abort', 'end the release and clean up what is not public'),
    ],
  },
  {
    title: 'In production (through the HTTP API)',
    commands: [
      act('rollback', 'put the previous version back'),
      {
        name: 'incident',
        usage: 'PRODUCT --severity S --summary TEXT',
        does: 'report an incident',
        load: async () => (await import('./remote/incident.ts')).runIncident,
      },
      act('dismiss', 'dismiss an incident, with a reason', 'PRODUCT --comment TEXT'),
      {
        name: 'monitoring',
        usage: 'extend|end PRODUCT …',
        does: 'lengthen or end the monitoring window',
        load: async () => (await import('./remote/monitoring.ts')).runMonitoring,
      },
      {
        name: 'audit',
        usage: 'PRODUCT [--anchor DIGEST]',
        does: "verify the chain of a release's record",
        load: async () => (await import('./remote/audit.ts')).runAudit,
      },
    ],
  },
  {
    title: 'Planning and judging (local, no server)',
    commands: [
      {
        name: 'plan',
        usage: '[--repo PATH] …',
        does: 'next version, changelog and notes from history',
        load: async () => (await import('./plan.ts')).runPlan,
      },
      {
        name: 'judge',
        usage: '--check F --baseline F --candidate F',
        does: 'the verdict of monitoring on recorded series',
        load: async () => (await import('./judge.ts')).runJudge,
      },
    ],
  },
  {
    title: 'Setting up and running',
    commands: [
      {
        name: 'config',
        usage: 'check|init|schema|reference',
        does: 'check or start a configuration',
        load: async () => (await import('./config.ts')).runConfig,
      },
      {
        name: 'doctor',
        usage: '[--json]',
        does: 'what is missing on this machine',
        load: async () => {
          const [{ runDoctor }, { currentEnvironment }] = await Promise.all([
            import('./doctor.ts'),
            import('../config/environment.ts'),
          ]);
          return async (argv) => await runDoctor(argv, currentEnvironment());
        },
      },
      {
        name: 'schedule',
        usage: 'apply|enable|pause|list|trigger|preview',
        does: 'releases at the end of each sprint',
        load: async () => (await import('./schedule.ts')).runSchedule,
      },
      {
        name: 'dev',
        usage: '[--config FILE]',
        does: 'everything in one process, for development',
        load: async () => (await import('./process/dev.ts')).runDev,
      },
      {
        name: 'demo',
        usage: '[--bad]',
        does: 'release the example product for real',
        load: async () => (await import('./demo.ts')).runDemo,
      },
      {
        name: 'worker',
        usage: '--role R[,R…]',
        does: 'one or more workers',
        load: async () => (await import('./process/worker.ts')).runWorker,
      },
      {
        name: 'serve',
        usage: '[--config FILE]',
        does: 'the HTTP API',
        load: async () => (await import('./process/serve.ts')).runServe,
      },
    ],
  },
];
