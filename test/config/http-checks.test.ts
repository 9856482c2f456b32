import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runConfig } from '../../src/cli/config.ts';
import { look } from '../../src/providers/metrics/http/look.ts';
import type { MetricLook } from '../../src/providers/metrics/metric-source.ts';
import { observe } from '../../src/release/verdict/judge.ts';
import { startJudge } from '../../src/release/verdict/judge-state.ts';
import { currentVerdict } from '../../src/release/verdict/verdict.ts';
import { say } from '../cli/cli-context.ts';
import { change, loadGood, makeFolder, mistakesOf, type Raw } from './support/config-file.ts';

const withCheck = (written: Raw) => (_raw: Raw, shop: Raw) => {
  shop.environments.production.checks = [
    { name: 'front_page', source: { http: 'http://127.0.0.1:1/' }, ...written },
  ];
};
const refused = (written: Raw) => mistakesOf(withCheck(written)).map((text) => text.replace(/^.*?: /, ''));
const read = (written: Raw) =>
  loadGood(change(withCheck(written))).products['shop']!.environments[1]!.checks[0]!.check;

describe('an address as a check', () => {
  it.each([
    ['the share of failed answers', {}, 'ratio', 'lower_is_better', 5],
    ['the same under any name', { name: 'availability' }, 'ratio', 'lower_is_better', 5],
    ['with a limit of one’s own', { limit: 2 }, 'ratio', 'lower_is_better', 2],
    [
      'of good answers where that is said',
      { direction: 'higher_is_better' },
      'ratio',
      'higher_is_better',
      95,
    ],
    ['the time of the slowest', { kind: 'latency', limit: 500 }, 'sample', 'lower_is_better', 500],
    ['time by its name', { name: 'p99_latency', limit: 500 }, 'sample', 'lower_is_better', 500],
    ['a probe, from 0 to 1', { kind: 'probe' }, 'sample', 'higher_is_better', 0.5],
  ])('is %s, and never compared', (_, written, kind, direction, limit) => {
    expect(read(written)).toMatchObject({ kind, direction, compare: 'none', limit: { value: limit } });
  });

  it.each([
    ['a limit that passes a product which is down', { limit: 99 }, /would pass when 99 of 100 fail/],
    [
      'the same the other way round',
      { direction: 'higher_is_better', limit: 5 },
      /would pass when 95 of 100 fail/,
    ],
    ['per cent of a probe', { kind: 'probe', limit: 95 }, /a share of good answers from 0 to 1/],
    ['a baseline', { compare: 'baseline' }, /must be none: an address has no baseline/],
    ['a count', { kind: 'count', limit: 5 }, /an address counts nothing/],
    ['time without a limit', { kind: 'latency' }, /is needed where nothing is compared/],
    ['a gross limit in the wrong direction', { limit: 10, gross_limit: 5 }, /must lie beyond/],
  ])('refuses %s', (_, written, why) => {
    expect(refused(written)).toEqual([expect.stringMatching(why)]);
  });

  it('passes while it answers, fails when it does not, whatever the check is called', async () => {
    let status = 200;
    const server = createServer((_request, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    for (const written of [
      {},
      { name: 'availability' },
      { direction: 'higher_is_better' },
      { kind: 'probe' },
    ]) {
      const check = read(written);
      const watch = async (answer: number) => {
        status = answer;
        let state = startJudge([check], { intervalMs: 60_000 });
        for (let minute = 0; minute < 10; minute++) {
          const now = new Date(Date.UTC(2026, 0, 1, 10, minute));
          const at = { check, now, signal: new AbortController().signal } as MetricLook;
          for (const sample of await look({ http: { url } }, at)) state = observe(state, sample);
        }
        return currentVerdict(state).verdict;
      };
      expect.soft([written, await watch(200), await watch(503)]).toEqual([written, 'pass', 'fail']);
    }
  });
});

describe('windlass config check, on checks', () => {
  it('says what each demands, and what it is compared with', async () => {
    const folder = makeFolder();
    const text = change((_raw, shop) => {
      shop.environments.production.prometheus = { url: 'http://127.0.0.1:9090/' };
      shop.environments.production.checks = [
        { name: 'front_page', source: { http: 'http://127.0.0.1:1/' } },
        { name: 'good_pages', direction: 'higher_is_better', source: { http: 'http://127.0.0.1:1/' } },
        { name: 'p99', source: { prometheus: 'x' }, relative_limit: 1.5 },
      ];
    });
    writeFileSync(join(folder, 'windlass.yaml'), text);
    const { out } = await say(runConfig, ['check'], {}, folder);
    expect(out.split('\n').filter((line) => line.startsWith('shop, '))).toEqual([
      'shop, production, front_page: per cent of requests, lower is better; fails above 5 % in 3 of the last 5 samples, at once above 15 %; there is no baseline: only the limit decides.',
      'shop, production, good_pages: per cent of requests, higher is better; fails below 95 % in 3 of the last 5 samples, at once below 85 %; there is no baseline: only the limit decides.',
      'shop, production, p99: a number, lower is better; compared with the baseline, where 1.5 times its value must be caught.',
    ]);
    const json = JSON.parse((await say(runConfig, ['check', '--json'], {}, folder)).out);
    expect(json.checks.map(({ place }: Raw) => place)).toEqual([
      'shop, production, front_page',
      'shop, production, good_pages',
      'shop, production, p99',
    ]);
  });
});
