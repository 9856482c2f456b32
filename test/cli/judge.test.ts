import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runJudge } from '../../src/cli/judge.ts';
import { say } from './cli-context.ts';

let folder: string;
const file = (name: string): string => join(folder, name);

const CHECKS = `
environments:
  production:
    checks:
      - name: error_rate
        kind: ratio
        criticality: critical
        source: { prometheus: { query: "errors" } }
        severity: high
      - name: latency_p99
        kind: latency
`;

/** CSV of 30 minutes: error rate in per cent of 600 requests, latency in milliseconds. */
function csv(errorPercent: number, latency: number, without = ''): string {
  const lines = ['time,check,value,requests'];
  for (let minute = 0; minute < 30; minute++) {
    const time = `2026-03-02T10:${String(minute).padStart(2, '0')}:00Z`;
    if (without !== 'error_rate') lines.push(`${time},error_rate,${errorPercent},600`);
    lines.push(`${time},latency_p99,${latency + (minute % 3)},`);
  }
  return `${lines.join('\n')}\n`;
}

const judge = async (...argv: string[]) => await say(runJudge, argv);

const files = (candidate: string, ...more: string[]): string[] => [
  '--check',
  file('windlass.yaml'),
  '--baseline',
  file('good.csv'),
  '--candidate',
  file(candidate),
  ...more,
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windlass-judge-'));
  await Promise.all([
    writeFile(file('windlass.yaml'), CHECKS),
    writeFile(file('good.csv'), csv(0.5, 100)),
    writeFile(file('bad.csv'), csv(5, 100)),
    writeFile(file('slow.csv'), csv(0.5, 150)),
    writeFile(file('silent.csv'), csv(0, 100, 'error_rate')),
    writeFile(file('broken.csv'), 'time,check,value\nnever,a,1\n'),
    writeFile(file('broken.yaml'), 'checks:\n  - name: a\n    kind: banana\n'),
  ]);
});
afterAll(() => rm(folder, { recursive: true }));

describe('windlass judge', () => {
  it('answers in the promised JSON, with when it was detected', async () => {
    const { code, out } = await judge(...files('bad.csv', '--json'));
    expect(code).toBe(0);
    const answer = JSON.parse(out);
    expect(answer).toMatchObject({ verdict: 'fail', detectedAt: '2026-03-02T10:02:00.000Z' });
    expect(answer.reason).toContain('error_rate: 90 of 1,800 requests (5 %) failed on the candidate');
    expect(
      answer.checks.map((check: { name: string; verdict: string }) => [check.name, check.verdict]),
    ).toEqual([
      ['error_rate', 'fail'],
      ['latency_p99', 'pass'],
    ]);
    expect(answer.checks[0].statistics).toMatchObject({ candidateEvents: 900, baselineEvents: 90 });
  });

  it('tells people what it found, check by check', async () => {
    const { out } = await judge(...files('slow.csv'));
    expect(out).toMatch(/^FAIL: latency_p99: \+\d\d(\.\d)? % against the baseline/);
    expect(out).toContain(
      '  pass  error_rate: 90 of 18,000 requests failed, on the baseline 90 of 18,000 [critical]',
    );
  });

  it('exits with 0 for every answer, or with the answer’s own code when asked', async () => {
    expect((await judge(...files('good.csv'))).code).toBe(0);
    const codes = [];
    for (const name of ['good.csv', 'bad.csv', 'silent.csv'])
      codes.push((await judge(...files(name, '--exit-code'))).code);
    expect(codes).toEqual([0, 3, 5]);
  });

  it('holds the release when the critical check is absent', async () => {
    const { out } = await judge(...files('silent.csv', '--json'));
    expect(JSON.parse(out)).toMatchObject({ verdict: 'missing', held: true });
  });

  it('says everything that is wrong with all three files at once, and gives no verdict', async () => {
    const { code, out, err } = await judge(
      '--check',
      file('broken.yaml'),
      '--baseline',
      file('nowhere.csv'),
      '--candidate',
      file('broken.csv'),
    );
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain(
      `${file('broken.yaml')}: checks[0].kind must be one of ratio, sample, count, not "banana"`,
    );
    expect(err).toContain(`${file('nowhere.csv')}: there is no such file`);
    expect(err).toContain(`${file('broken.csv')}:2: \`time\` must be ISO 8601`);
    expect(err).not.toContain('    at ');
  });

  it('refuses wrong use with what is missing', async () => {
    const { code, err } = await judge('--check', 'x');
    expect(code).toBe(2);
    expect(err).toContain('--baseline, --candidate are missing');
    expect((await judge('--banana')).code).toBe(2);
    expect((await judge(...files('good.csv', '--error-rate', '7'))).code).toBe(2);
    expect((await judge(...files('good.csv', '--window', 'soon'))).err).toContain('a number of minutes');
    expect(await judge('--help')).toMatchObject({ code: 0, err: '' });
  });

  it('gives no verdict on shares that were written where per cent are meant: they would all pass', async () => {
    await writeFile(file('shares.csv'), csv(0.05, 100));
    const wrong = await judge(...files('shares.csv'));
    expect(wrong).toMatchObject({ code: 1, out: '' });
    expect(wrong.err).toContain(
      'shares.csv: error_rate: no value stands for even half a failed request (the largest is 0.05 % of 600 requests)',
    );
    // A single real failure shows that the unit is right, whatever an averaging source adds.
    await writeFile(file('one.csv'), `${csv(0.05, 100)}2026-03-02T10:30:00Z,error_rate,0.17,600\n`);
    expect((await judge(...files('one.csv'))).code).toBe(0);
  });

  it('notes series of which no check speaks', async () => {
    await writeFile(file('strange.csv'), `${csv(0.5, 100)}2026-03-02T10:00:00Z,latency_p90,3,\n`);
    expect((await judge(...files('strange.csv'))).err).toBe('note: no check speaks of latency_p90\n');
  });
});
