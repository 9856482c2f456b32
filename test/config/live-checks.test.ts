import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { runConfig } from '../../src/cli/config.ts';
import type { MetricCheck } from '../../src/release/verdict/check.ts';
import { judgeOneLook } from '../../src/release/verdict/judge.ts';
import { say } from '../cli/cli-context.ts';
import { change, makeFolder, type Raw } from './support/config-file.ts';

describe('windlass config check --live', () => {
  let status: number;
  let address: string;
  let folder: string;

  beforeEach(async () => {
    status = 200;
    const server = createServer((_, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    folder = makeFolder();
    const checked = change((_raw: Raw, shop: Raw) => {
      const source = { prometheus: 'errors', requests: 'all' };
      shop.environments.production.prometheus = { url: 'http://127.0.0.1:1' };
      shop.environments.production.checks = [
        { name: 'front_page', source: { http: address } },
        { name: 'errors', source, limit: 5 },
      ];
    });
    writeFileSync(join(folder, 'windlass.yaml'), checked);
  });

  const check = async (...more: string[]) => await say(runConfig, ['check', ...more], {}, folder);

  it('shows what each check says now, what that means, and what would make it fail', async () => {
    const { code, out } = await check('--live');
    expect(code).toBe(0);
    expect(out).toMatch(
      /shop, production, front_page: 0 % now, pass: it is within its limit 5\. It is per cent of requests, lower is better; fails above 5 %/,
    );
    // Nothing answers there.
    expect(out).toMatch(
      /shop, production, errors: no value now, missing: .+; without a value it never passes\. It is/,
    );
  });

  it('says which check would fail if a version were judged by it now', async () => {
    status = 503;
    const { code, out } = await check('--live', '--json');
    expect(code).toBe(0);
    const { checks } = JSON.parse(out);
    expect(checks[0]).toMatchObject({
      place: 'shop, production, front_page',
      value: 100,
      verdict: expect.stringMatching(/^(fail|inconclusive)$/),
    });
    expect(checks[0].found).toContain('limit 5');
  });

  it('asks nobody without --live', async () => {
    status = 503;
    const { out } = await check();
    expect(out).toContain('shop, production, front_page: per cent of requests');
    expect(out).not.toContain('now,');
  });
});

describe('one look at a check', () => {
  const latency: MetricCheck = {
    ...{ name: 'p99', kind: 'sample', direction: 'lower_is_better', compare: 'baseline' },
    ...{ relativeLimit: 1.2, criticality: 'critical', minimumSamples: 5, minimumRequests: 0 },
    ...{ minimumCoverage: 0.5, hostNoise: 0.03 },
  };
  const limited = { ...latency, limit: { value: 300, gross: 900, breaches: 3, of: 5, hysteresis: 0.1 } };
  const look = (check: MetricCheck, value: number | null) =>
    judgeOneLook(check, { time: '2026-01-01T00:00:00Z', check: 'p99', group: 'candidate', value });

  it.each([
    [limited, 250, 'pass'],
    [limited, 400, 'inconclusive'],
    [limited, 1000, 'fail'],
    [limited, null, 'missing'],
    [latency, 250, 'inconclusive'],
  ] as const)('of %j that says %s is %s', (check, value, verdict) => {
    expect(look(check, value).verdict).toBe(verdict);
  });
});
