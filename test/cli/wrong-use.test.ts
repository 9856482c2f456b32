import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND_GROUPS } from '../../src/cli/line/command-table.ts';
import type { CliContext } from '../../src/cli/line/context.ts';
import { dispatch } from '../../src/cli/line/dispatch.ts';
import { readArguments } from '../../src/cli/line/read-arguments.ts';
import { reportError } from '../../src/cli/line/report-error.ts';
import { runAct } from '../../src/cli/remote/act.ts';
import { runAudit } from '../../src/cli/remote/audit/audit.ts';
import { runDecide } from '../../src/cli/remote/decide.ts';
import { runWatch } from '../../src/cli/remote/follow/watch.ts';
import { runIncident } from '../../src/cli/remote/incident.ts';
import { runMonitoring } from '../../src/cli/remote/monitoring.ts';
import { runDeploy } from '../../src/cli/remote/start/deploy.ts';
import { runGates } from '../../src/cli/remote/start/gates.ts';
import { runHotfix } from '../../src/cli/remote/start/hotfix.ts';
import { runMonitor } from '../../src/cli/remote/start/monitor.ts';
import { runRelease } from '../../src/cli/remote/start/release.ts';
import { runRollback } from '../../src/cli/remote/start/rollback.ts';
import { runStatus } from '../../src/cli/remote/status.ts';
import { PROGRAM, programPath } from '../support/program.ts';
import { say } from './cli-context.ts';

interface Ended {
  code: number;
  out: string;
  err: string;
}

function runProgram(...args: string[]): Promise<Ended> {
  const environment = { PATH: programPath(), HOME: '/nonexistent' };
  return new Promise((resolve) => {
    execFile(PROGRAM, args, { env: environment, cwd: '/' }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

describe('the program itself', () => {
  test('lists every command with --help, and says what each takes', async () => {
    const { code, out, err } = await runProgram('--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const { name } of COMMAND_GROUPS.flatMap((group) => group.commands)) {
      expect(out).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
    }
    // Plain text: this is no terminal.
    expect(out).not.toContain('\u001b');
  });

  test('names the nearest command for an unknown one, and ends with 2', async () => {
    const { code, out, err } = await runProgram('aprove', 'shop', 'go-live');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('there is no command "aprove". Did you mean "approve"?');
    expect(err).not.toContain('    at ');
  });

  test('says that a server is away in one sentence, and ends with 1', async () => {
    const { code, err } = await runProgram('status', 'shop', '--api', 'http://127.0.0.1:9');
    expect(code).toBe(1);
    expect(err).toMatch(
      /^windlass: the API at http:\/\/127\.0\.0\.1:9 does not answer .*Nothing was changed\./,
    );
    expect(err).toContain('windlass serve');
    expect(err.trim().split('\n')).toHaveLength(2);
  });

  test('obeys no control characters of what it was given', async () => {
    const { err } = await runProgram('\u001b[31mred');
    expect(err).not.toContain('\u001b');
    expect(err).toContain('\\u001b[31mred');
  });

  test.each(COMMAND_GROUPS.flatMap((group) => group.commands).filter(({ name }) => name !== 'demo'))(
    'explains $name',
    async ({ name }) => {
      const { code, out, err } = await runProgram(name, '--help');
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out.length).toBeGreaterThan(100);
      expect(out).toContain(name);
    },
  );
});

type Run = (argv: string[], context: CliContext) => Promise<number>;
const decide =
  (verb: 'approve' | 'reject'): Run =>
  (argv, context) =>
    runDecide(verb, argv, context);
const act =
  (name: string): Run =>
  (argv, context) =>
    runAct(name, argv, context);

describe('wrong use', () => {
  test.each<[string, Run, string[], RegExp]>([
    ['no product', runRelease, [], /PRODUCT is missing/],
    ['two operands too few', decide('approve'), [], /PRODUCT and GATE are missing/],
    ['an operand too many', runStatus, ['shop', 'more'], /"more" is one argument too many/],
    [
      'an unknown option',
      runRelease,
      ['shop', '--bmup', 'minor'],
      /no option --bmup\. Did you mean --bump\?/,
    ],
    ['an option without its value', runRelease, ['shop', '--bump'], /--bump needs a value/],
    [
      'an option that swallowed the next',
      decide('approve'),
      ['shop', 'go-live', '--comment', '--role'],
      /--comment needs a value; .*--comment=--role/,
    ],
    ['an option twice', runRelease, ['shop', '--bump', 'minor', '--bump', 'major'], /given twice/],
    [
      'an unknown bump',
      runRelease,
      ['shop', '--bump', 'huge'],
      /one of auto, major, minor, patch, not "huge"/,
    ],
    [
      'a version that is none',
      runRelease,
      ['shop', '--version', 'v1'],
      /a version such as 1\.4\.0, not "v1"/,
    ],
    [
      'bump and version',
      runRelease,
      ['shop', '--bump', 'minor', '--version', '2.0.0'],
      /either --bump or --version/,
    ],
    ['a product that climbs a path', runStatus, ['../metrics'], /cannot be a product's name/],
    ['an unknown gate', decide('approve'), ['shop', 'golife'], /no gate "golife"\. Did you mean go-live\?/],
    [
      'a role that is no name',
      decide('approve'),
      ['shop', 'go-live', '--role', 'CEO'],
      /no role "CEO"\. Did you mean ceo\?/,
    ],
    ['a rejection without a reason', decide('reject'), ['shop', 'go-live'], /--comment is missing/],
    ['a skip without a reason', act('skip'), ['shop'], /--comment is missing: the record must say why/],
    ['no severity', runIncident, ['shop', '--summary', 'x'], /--severity is missing: critical, high/],
    [
      'an unknown severity',
      runIncident,
      ['shop', '--severity', 'hihg', '--summary', 'x'],
      /no severity "hihg"\. Did you mean high\?/,
    ],
    ['no length', runMonitoring, ['extend', 'shop'], /--by is missing/],
    [
      'a length that is none',
      runMonitoring,
      ['extend', 'shop', '--by', 'long'],
      /such as 30m, 2h or 1h30m, not "long"/,
    ],
    ['an unknown profile', runGates, ['shop', '--profile', 'high'], /one of baseline, peak, not "high"/],
    ['a deployment to nowhere', runDeploy, ['shop', '1.2.0'], /--environment is missing/],
    [
      'an unknown strategy',
      runDeploy,
      ['shop', '1.2.0', '--environment', 'staging', '--strategy', 'canray'],
      /no strategy "canray"\. Did you mean canary\?/,
    ],
    [
      'no version to deploy',
      runDeploy,
      ['shop', 'latest', '--environment', 'x'],
      /VERSION is a version such as/,
    ],
    ['a window without a length', runMonitor, ['shop'], /--for is missing, such as --for 30m/],
    ['a window of months', runMonitor, ['shop', '--for', '90d'], /at most 30 days/],
    ['a hotfix of nothing', runHotfix, ['shop'], /either --commit SHA or --branch NAME/],
    [
      'a hotfix of a branch and commits',
      runHotfix,
      ['shop', '--branch', 'fix', '--commit', 'abcdef1'],
      /either --commit SHA or --branch NAME/,
    ],
    ['a commit by name', runHotfix, ['shop', '--commit', 'HEAD'], /at least seven digits of it, not "HEAD"/],
    ['a commit without its option', runHotfix, ['shop', 'abcdef1'], /commits follow --commit/],
    [
      'a version that is none to go back to',
      runRollback,
      ['shop', '--to', 'v1'],
      /--to is a version such as/,
    ],
    ['an unknown kind', runWatch, ['shop', '--kind', 'gate'], /no kind "gate"\. Did you mean gates\?/],
    ['watching and JSON', runGates, ['shop', '--watch', '--json'], /give it without --watch/],
    ['a restore without a reason', act('restore'), ['shop'], /--comment is missing/],
    ['an anchor that is none', runAudit, ['shop', '--anchor', 'abc'], /--anchor is a digest/],
    ['an address that is none', runStatus, ['--api', 'localhost'], /--api is not an address: "localhost"/],
    [
      'a password in the address',
      runStatus,
      ['--api', 'http://a:b@127.0.0.1:9'],
      /must not hold a user or password/,
    ],
    ['no address at all', runStatus, [], /no address of an API is known/],
    [
      'a time that is none',
      runRelease,
      ['shop', '--at', '2026-02-30T22:00'],
      /--at is a time such as 2026-12-01T22:00, .*not "2026-02-30T22:00"/,
    ],
    ['a time that is over', runRelease, ['shop', '--at', '2020-02-03T22:00Z'], /is over by/],
  ])('%s: said in a sentence, exit code 2, nothing sent', async (_what, run, argv, sentence) => {
    // Nothing listens at this address: a command that tried to send would end with 1.
    const environment =
      argv.includes('--api') || _what === 'no address at all' ? {} : { WINDLASS_API: 'http://127.0.0.1:9' };
    const { code, out, err } = await say(run, argv, environment);
    expect(err).toMatch(sentence);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  test('an option’s value may begin with dashes where it is joined', () => {
    const line = { command: 'x', options: ['comment'], switches: ['json'] } as const;
    expect(readArguments(line, ['--comment=--json'])).toMatchObject({ options: { comment: '--json' } });
    expect(readArguments(line, ['--json', '--comment', '-'])).toMatchObject({ switches: { json: true } });
    expect(readArguments(line, ['--', '--json'].slice(0, 1))).toMatchObject({ switches: { json: false } });
  });

  test('`help COMMAND` of an unknown command is a mistake as well', async () => {
    await expect(dispatch('help', ['nothing-like-it'])).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('an error that nobody foresaw', () => {
  test('is a short message without a stack, with the details in a file of one’s own', async () => {
    let said = '';
    const code = reportError(new Error('boom\nsecond line'), 'status', (text) => {
      said += text;
    });
    expect(code).toBe(1);
    expect(said).toContain('"status": boom');
    expect(said).not.toMatch(/second line|\n {4}at /);
    const file = /in (\S+): please/.exec(said)?.[1] ?? '';
    try {
      expect(await readFile(file, 'utf8')).toMatch(/boom\nsecond line(?:.|\n)*\n {4}at /);
    } finally {
      await rm(dirname(file), { recursive: true });
    }
  });
});
