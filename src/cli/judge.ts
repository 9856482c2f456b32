/**
 * `windlass judge`: the verdict of monitoring on recorded series, fed sample by sample as monitoring would be, so
 * that people can tune their checks on the past.
 */
import { readFile } from 'node:fs/promises';
import { parse as parseYaml } from 'yaml';
import { readChecks } from '../release/verdict/checks/read-checks.ts';
import { findDoubtfulRatios } from '../release/verdict/doubtful-series.ts';
import { ERROR_RATE } from '../release/verdict/error-rate.ts';
import { readSeries, type SeriesSample } from '../release/verdict/read-series.ts';
import { judgeSeries, type SeriesVerdict } from '../release/verdict/series.ts';
import type { Answer } from '../release/verdict/verdict.ts';
import { CliProblem, misuseOf } from './line/cli-problem.ts';
import { type CliContext, processContext } from './line/context.ts';
import { readArguments } from './line/read-arguments.ts';

const USAGE = `Usage: windlass judge --check FILE --baseline FILE --candidate FILE [options]

Judges recorded series as monitoring would have: sample by sample.

  --check FILE         checks, YAML or JSON, in windlass.yaml's own form
  --baseline FILE      series of the version that is known to be good
  --candidate FILE     series of the version that is judged
                       (CSV with a header, or JSON lines: time, check, value, requests)
  --environment NAME   which environment's checks, if the file holds several
  --window MINUTES     length of the monitoring window, over which the error rate is spent (default 60)
  --error-rate SHARE   highest chance that a healthy version fails (default ${ERROR_RATE})
  --json               answer as JSON
  --exit-code          exit with 3 for fail, 4 for inconclusive, 5 for missing

Exit code: 0 when a verdict was given, whatever it is; 1 when it could not be; 2 for wrong use.
`;

const EXIT_CODES: Record<Answer, number> = { pass: 0, fail: 3, inconclusive: 4, missing: 5 };

/** `windlass judge`; see `--help`. */
export async function runJudge(argv: string[], context: CliContext = processContext()): Promise<number> {
  const options = readJudgeArguments(argv);
  if (options === 'help') {
    context.write(USAGE);
    return 0;
  }
  const { checks, baseline, candidate } = await readInputs(options);
  const verdict = judgeSeries(checks, baseline, candidate, {
    errorRate: options.errorRate,
    horizonMs: options.windowMinutes * 60_000,
  });
  context.writeError(
    describeStrangers(new Set(checks.map((check) => check.name)), [...baseline, ...candidate]),
  );
  context.write(options.json ? `${JSON.stringify(verdict, null, 2)}\n` : describeVerdict(verdict));
  return options.exitCode ? EXIT_CODES[verdict.verdict] : 0;
}

interface JudgeArguments {
  check: string;
  baseline: string;
  candidate: string;
  environment?: string;
  errorRate: number;
  windowMinutes: number;
  json: boolean;
  exitCode: boolean;
}

function readJudgeArguments(argv: string[]): JudgeArguments | 'help' {
  const read = readArguments(
    {
      command: 'judge',
      options: ['check', 'baseline', 'candidate', 'environment', 'error-rate', 'window'],
      switches: ['json', 'exit-code'],
    } as const,
    argv,
  );
  if (read === 'help') return 'help';
  const { check = '', baseline = '', candidate = '', environment, window = '60' } = read.options;
  const absent = Object.entries({ check, baseline, candidate }).flatMap(([name, value]) =>
    value === '' ? [`--${name}`] : [],
  );
  const mistakes: string[] = [];
  if (absent.length > 0) mistakes.push(`${absent.join(', ')} ${absent.length > 1 ? 'are' : 'is'} missing.`);
  const errorRate = Number(read.options['error-rate'] ?? ERROR_RATE);
  if (!(errorRate > 0 && errorRate < 0.5))
    mistakes.push('--error-rate must lie between 0 and 0.5, such as 0.01.');
  const windowMinutes = Number(window);
  if (!(windowMinutes >= 1 && windowMinutes <= 100_000))
    mistakes.push('--window must be a number of minutes, such as 60.');
  if (mistakes.length > 0) throw misuseOf('judge', mistakes);
  const { json, 'exit-code': exitCode } = read.switches;
  const named = environment === undefined ? {} : { environment };
  return { check, baseline, candidate, ...named, errorRate, windowMinutes, json, exitCode };
}

/** Reads all three files; all that is wrong with any of them is said at once. */
async function readInputs(options: JudgeArguments) {
  const problems: string[] = [];
  const [checkText, baselineText, candidateText] = await Promise.all(
    [options.check, options.baseline, options.candidate].map((path) => readText(path, problems)),
  );
  const series = (path: string, text: string | undefined): SeriesSample[] => {
    if (text === undefined) return [];
    const { samples, mistakes } = readSeries(text);
    problems.push(...mistakes.map(({ line, message }) => `${path}:${line}: ${message}`));
    return samples;
  };
  const baseline = series(options.baseline, baselineText);
  const candidate = series(options.candidate, candidateText);
  const withRequests = new Set(
    [...baseline, ...candidate]
      .filter((sample) => sample.requests !== undefined)
      .map((sample) => sample.check),
  );
  const checks = readCheckText(options, checkText, withRequests, problems);
  for (const [path, samples] of [
    [options.baseline, baseline],
    [options.candidate, candidate],
  ] as const)
    problems.push(...findDoubtfulRatios(checks, samples).map((problem) => `${path}: ${problem}`));
  if (problems.length > 0)
    throw new CliProblem(`no verdict, because of:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  return { checks, baseline, candidate };
}

function readCheckText(
  options: JudgeArguments,
  text: string | undefined,
  withRequests: ReadonlySet<string>,
  problems: string[],
): ReturnType<typeof readChecks>['checks'] {
  if (text === undefined) return [];
  try {
    const { checks, mistakes } = readChecks(parseYaml(text), {
      withRequests,
      ...(options.environment === undefined ? {} : { environment: options.environment }),
    });
    problems.push(...mistakes.map(({ where, message }) => `${options.check}: ${where} ${message}`));
    return checks;
  } catch (error) {
    problems.push(`${options.check}: is neither YAML nor JSON: ${(error as Error).message}`);
    return [];
  }
}

async function readText(path: string, problems: string[]): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'is a folder'
          : `cannot be read (${code})`;
    problems.push(`${path}: ${why}`);
    return undefined;
  }
}

/** A warning for series that no check speaks of: most often a misspelt name. */
function describeStrangers(known: ReadonlySet<string>, samples: readonly SeriesSample[]): string {
  const strangers = [...new Set(samples.map((sample) => sample.check))].filter((name) => !known.has(name));
  return strangers.length === 0 ? '' : `note: no check speaks of ${strangers.join(', ')}\n`;
}

/** The verdict for people: the answer, then a line for each check. */
function describeVerdict(verdict: SeriesVerdict): string {
  const lines = [`${verdict.verdict.toUpperCase()}: ${verdict.reason}`];
  if (verdict.detectedAt !== undefined) lines.push(`detected at ${verdict.detectedAt}`);
  if (verdict.baselineShiftMs !== 0)
    lines.push(
      `baseline moved by ${Math.round(verdict.baselineShiftMs / 60_000)} minutes to lie beside the candidate`,
    );
  lines.push('');
  const width = Math.max(...verdict.checks.map((check) => check.verdict.length));
  for (const check of verdict.checks) {
    const note = check.criticality === 'normal' ? '' : ` [${check.criticality}]`;
    lines.push(`  ${check.verdict.padEnd(width)}  ${check.reason}${note}`);
  }
  return `${lines.join('\n')}\n`;
}
