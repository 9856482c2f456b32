/**
 * `npm run bench:plan`: windlass plan against git-cliff, conventional-changelog and the bare `git log`, interleaved,
 * on a repository with 12,000 tags; then windlass alone against itself on one with eight times as many commits.
 *
 * And `windlass --version` of the package against `node -e 0`. What is timed is what `npm run build` has made last.
 *
 * Options: `--repo PATH` (instead of the synthetic one), `--from TAG` (for all of them alike), `--rounds N` (9), `--keep` (leave the scratch folder).
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildRepository } from './synthetic-repository.ts';

/** The command as the package has it; the checkout's own pays for reading each source. */
const PACKAGED = fileURLToPath(new URL('../../bin/windlass.cjs', import.meta.url));
const PEERS = { 'git-cliff': '2.14.2', 'conventional-changelog': '8.1.3' };
const LIMITS = {
  rangeToCliff: 0.25,
  wholeToLog: 4,
  wholeMegabytes: 200,
  olderToYounger: 1.5,
  startToNode: 1.5,
};
/** Questions whose cost must follow the range: the same on a repository of any age. */
const QUESTIONS: Record<string, string[]> = {
  'the usual one': [],
  'from a tag': ['--from', 'v61.0.0'],
  'to an old commit': ['--to', 'v30.0.0~1'],
  'to the last tag but some': ['--to', 'HEAD~200'],
  'of a subfolder': ['--path', 'src'],
};

interface Contestant {
  name: string;
  command: string;
  args: string[];
}

interface Sample {
  seconds: number;
  megabytes: number;
}

const { values: options } = parseArgs({
  options: {
    repo: { type: 'string' },
    from: { type: 'string' },
    rounds: { type: 'string', default: '9' },
    keep: { type: 'boolean', default: false },
  },
});
const scratch = mkdtempSync(join(tmpdir(), 'windlass-bench-plan-'));
try {
  const repository = options.repo ?? (await makeSynthetic());
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' }).trim();
  const from = options.from ?? git('describe', '--tags', '--abbrev=0', 'HEAD');
  const size = `${git('tag').split('\n').length} tags, ${git('rev-list', '--count', 'HEAD')} commits, ${git('rev-list', '--count', `${from}..HEAD`)} of them after ${from}`;
  console.log(
    `${options.repo === undefined ? 'synthetic repository' : repository}: ${size}; node ${process.version}, ${execFileSync('git', ['--version'], { encoding: 'utf8' }).trim()}`,
  );
  const peers = installPeers();
  const rounds = Number(options.rounds);

  const range = await race(repository, rounds, [
    { name: 'git log', command: 'git', args: ['log', `${from}..HEAD`] },
    {
      name: 'windlass plan',
      command: process.execPath,
      args: [PACKAGED, 'plan', ...(options.from === undefined ? [] : ['--from', options.from])],
    },
    { name: 'git-cliff', command: peers.cliff, args: [`${from}..HEAD`] },
    {
      name: 'conventional-changelog',
      command: process.execPath,
      args: [peers.conventional, '--stdout'],
    },
  ]);
  print('range', range, 'git-cliff');
  const whole = await race(repository, rounds, [
    { name: 'git log', command: 'git', args: ['log'] },
    { name: 'windlass plan --all', command: process.execPath, args: [PACKAGED, 'plan', '--all'] },
  ]);
  print('whole history', whole, 'git log');

  const ageing = options.repo === undefined ? await raceAges(repository, rounds) : [];

  // What a package's command costs before it does anything, against Node's own start.
  const start = await race(repository, rounds, [
    { name: 'node -e 0', command: process.execPath, args: ['-e', '0'] },
    { name: 'windlass --version', command: process.execPath, args: [PACKAGED, '--version'] },
  ]);
  print('start', start, 'node -e 0');

  const checks: [string, number, number][] = [
    [
      'start: windlass --version / node -e 0',
      ratio(start, 'windlass --version', 'node -e 0'),
      LIMITS.startToNode,
    ],
    ['range: windlass plan / git-cliff', ratio(range, 'windlass plan', 'git-cliff'), LIMITS.rangeToCliff],
    [
      'whole history: windlass plan --all / git log',
      ratio(whole, 'windlass plan --all', 'git log'),
      LIMITS.wholeToLog,
    ],
    ['whole history: peak megabytes', peak(whole, 'windlass plan --all'), LIMITS.wholeMegabytes],
    ...ageing,
  ];
  for (const [what, value, limit] of checks) {
    console.log(`${value <= limit ? 'met ' : 'MISS'} ${what}: ${value.toFixed(2)} (at most ${limit})`);
    if (value > limit) process.exitCode = 1;
  }
} finally {
  if (options.keep) console.log(`left in ${scratch}`);
  else rmSync(scratch, { recursive: true, force: true });
}

async function makeSynthetic(): Promise<string> {
  const folder = join(scratch, 'repository');
  mkdirSync(folder);
  await buildRepository(folder, { tags: 12_000, commitsPerTag: 2, rangeCommits: 309 });
  return folder;
}

/** Each question on the repository and on one with the same tags and range, and eight times the commits. */
async function raceAges(younger: string, rounds: number): Promise<[string, number, number][]> {
  const older = join(scratch, 'older');
  mkdirSync(older);
  await buildRepository(older, { tags: 12_000, commitsPerTag: 16, rangeCommits: 309 });
  const checks: [string, number, number][] = [];
  for (const [question, args] of Object.entries(QUESTIONS)) {
    const both = await race(younger, rounds, [
      { name: '24,309 commits', command: process.execPath, args: [PACKAGED, 'plan', ...args] },
      {
        name: '192,309 commits',
        command: process.execPath,
        args: [PACKAGED, 'plan', ...args, '--repo', older],
      },
    ]);
    print(`plan ${args.join(' ')}`, both, '24,309 commits');
    checks.push([
      `age: plan ${question}, 192,309 commits / 24,309 commits`,
      ratio(both, '192,309 commits', '24,309 commits'),
      LIMITS.olderToYounger,
    ]);
  }
  return checks;
}

/** Installs the pinned peers beside the repository, and finds what to run without a wrapper in between. */
function installPeers(): { cliff: string; conventional: string } {
  const folder = join(scratch, 'peers');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: PEERS }));
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const modules = join(folder, 'node_modules');
  const manifest = JSON.parse(readFileSync(join(modules, 'conventional-changelog', 'package.json'), 'utf8'));
  const conventional = join(modules, 'conventional-changelog', Object.values<string>(manifest.bin)[0] ?? '');
  const cliff = join(modules, `git-cliff-${process.platform}-${process.arch}`, 'bin', 'git-cliff');
  return { cliff, conventional };
}

/** Times every contestant in turn, round after round, so that a busy moment hits all alike; memory comes from a run of its own. */
async function race(
  folder: string,
  rounds: number,
  contestants: Contestant[],
): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>(contestants.map(({ name }) => [name, []]));
  for (const contestant of contestants) await run(folder, contestant, false);
  for (let round = 0; round < rounds; round++) {
    for (const contestant of contestants)
      samples.get(contestant.name)?.push(await run(folder, contestant, false));
  }
  for (const contestant of contestants)
    samples.get(contestant.name)?.push({ ...(await run(folder, contestant, true)), seconds: Number.NaN });
  return samples;
}

function run(folder: string, { command, args, name }: Contestant, watchMemory: boolean): Promise<Sample> {
  return new Promise((resolve, reject) => {
    const started = process.hrtime.bigint();
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let megabytes = 0;
    let complaints = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.toString('utf8');
    });
    const watch = watchMemory
      ? setInterval(() => {
          megabytes = Math.max(megabytes, readPeak(child.pid));
        }, 2)
      : undefined;
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(watch);
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      if (code !== 0) reject(new Error(`${name} ended with ${code}: ${complaints.slice(0, 500)}`));
      else resolve({ seconds, megabytes });
    });
  });
}

/** The process's own high-water mark of resident memory, as the kernel counts it. */
function readPeak(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function median(samples: Sample[] | undefined): number {
  const times = (samples ?? [])
    .map((sample) => sample.seconds)
    .filter((time) => !Number.isNaN(time))
    .sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? Number.NaN;
}

function peak(all: Map<string, Sample[]>, name: string): number {
  return Math.max(...(all.get(name) ?? []).map((sample) => sample.megabytes));
}

function ratio(all: Map<string, Sample[]>, name: string, to: string): number {
  return median(all.get(name)) / median(all.get(to));
}

function print(title: string, all: Map<string, Sample[]>, reference: string): void {
  console.log(
    `\n${title.padEnd(26)} ${'median s'.padStart(9)} ${`to ${reference}`.padStart(13)} ${'peak MB'.padStart(9)}`,
  );
  for (const [name, samples] of all) {
    console.log(
      `${name.padEnd(26)} ${median(samples).toFixed(3).padStart(9)} ${ratio(all, name, reference).toFixed(2).padStart(13)} ${peak(all, name).toFixed(0).padStart(9)}`,
    );
  }
  console.log('');
}
