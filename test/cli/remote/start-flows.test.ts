import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CliContext } from '../../../src/cli/line/context.ts';
import { runAct } from '../../../src/cli/remote/act.ts';
import { runDecide } from '../../../src/cli/remote/decide.ts';
import { runWatch } from '../../../src/cli/remote/follow/watch.ts';
import { runMonitoring } from '../../../src/cli/remote/monitoring.ts';
import { runDeploy } from '../../../src/cli/remote/start/deploy.ts';
import { runGates } from '../../../src/cli/remote/start/gates.ts';
import { runHotfix } from '../../../src/cli/remote/start/hotfix.ts';
import { runMonitor } from '../../../src/cli/remote/start/monitor.ts';
import { runRollback } from '../../../src/cli/remote/start/rollback.ts';
import { runStatus } from '../../../src/cli/remote/status.ts';
import { openRecord, type ReleaseRecord } from '../../../src/release/record/record.ts';
import { applyEvent } from '../../../src/release/record/transitions.ts';
import { type LocalHttp, startLocalHttp } from '../../support/network/local-server.ts';
import { say } from '../cli-context.ts';

type Run = (argv: string[], context: CliContext) => Promise<number>;

let server: LocalHttp;
let asked: { method: string; url: string; body: unknown }[];
/** What a request for a record gets. */
let record: ReleaseRecord;

const STARTED = {
  accepted: true,
  product: 'shop',
  kind: 'gates',
  releaseId: 'shop-20261120-abcdef',
  workflowId: 'gates/shop',
  url: 'http://w.test/releases/shop?kind=gates',
};
let answer: object = STARTED;

beforeAll(async () => {
  server = await startLocalHttp((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const url = request.url ?? '';
      asked.push({ method: request.method ?? '', url, body: body === '' ? undefined : JSON.parse(body) });
      const shown = request.method === 'POST' ? answer : { record, open: record.outcome === undefined };
      response.writeHead(request.method === 'POST' ? 202 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(shown));
    });
  });
});

afterAll(async () => {
  await server.stop();
});

beforeEach(() => {
  asked = [];
  answer = STARTED;
});

const ask = async (run: Run, ...argv: string[]) => await say(run, argv, { WINDLASS_API: server.address });
const act =
  (name: string): Run =>
  (argv, context) =>
    runAct(name, argv, context);
const approve: Run = (argv, context) => runDecide('approve', argv, context);

function ended(kind: ReleaseRecord['kind'], outcome: NonNullable<ReleaseRecord['outcome']>): ReleaseRecord {
  const at = '2026-11-20T16:00:00.000Z';
  const request = {
    releaseId: STARTED.releaseId,
    product: 'shop',
    bump: 'auto',
    requestedBy: 'cleo',
    requestedAt: at,
    via: 'cli',
  } as const;
  const open = openRecord(kind, request, 'Shop', at);
  return applyEvent(open, { event: 'ended', at, outcome, ending: 'so it ended', remains: [] });
}

describe('a building block from the command line', () => {
  const sha = 'a'.repeat(40);
  test.each<[string, Run, string[], string, object]>([
    ['gates', runGates, ['shop', '--profile', 'peak'], '/v1/gates', { product: 'shop', profile: 'peak' }],
    ['gates as the type demands', runGates, ['shop'], '/v1/gates', { product: 'shop' }],
    [
      'deploy',
      runDeploy,
      ['shop', '1.2.0', '--environment', 'staging', '--strategy', 'rolling'],
      '/v1/deployments',
      { product: 'shop', version: '1.2.0', environment: 'staging', strategy: 'rolling' },
    ],
    [
      'deploy at a time',
      runDeploy,
      ['shop', '1.2.0', '--environment', 'production', '--at', '2099-12-01T22:00+01:00'],
      '/v1/deployments',
      {
        product: 'shop',
        version: '1.2.0',
        environment: 'production',
        deployAt: '2099-12-01T21:00:00.000Z',
      },
    ],
    [
      'monitor',
      runMonitor,
      ['shop', '--for', '1h30m'],
      '/v1/monitorings',
      { product: 'shop', windowMs: 5_400_000 },
    ],
    [
      'hotfix of commits',
      runHotfix,
      ['shop', '--commit', sha, '--commit', 'ABCDEF1', 'abcdef2', '--careful'],
      '/v1/hotfixes',
      { product: 'shop', commits: [sha, 'abcdef1', 'abcdef2'], careful: true },
    ],
    [
      'hotfix of a branch',
      runHotfix,
      ['shop', '--branch', 'fix/cart'],
      '/v1/hotfixes',
      { product: 'shop', commits: [], careful: false, branch: 'fix/cart' },
    ],
    [
      'rollback of what is long live',
      runRollback,
      ['shop', '--to', '1.1.0', '--comment', 'orders fail'],
      '/v1/releases/shop/rollback',
      { to: '1.1.0', comment: 'orders fail' },
    ],
  ])('%s asks for just that, and says how to follow it', async (_what, run, argv, url, body) => {
    const { code, out, err } = await ask(run, ...argv);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(asked).toEqual([{ method: 'POST', url, body }]);
    expect(out).toContain('Started: gates of shop, as shop-20261120-abcdef.');
    expect(out).toContain('follow: windlass watch shop --kind gates');
  });

  test('gives the answer to programs with --json', async () => {
    const { code, out } = await ask(runGates, 'shop', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(STARTED);
  });

  test.each<[string, Run, string[], string, ReleaseRecord, number]>([
    ['gates that passed', runGates, ['shop'], 'gates', ended('gates', 'completed'), 0],
    ['gates that failed', runGates, ['shop'], 'gates', ended('gates', 'failed'), 1],
    ['a rollback', runRollback, ['shop'], 'rollback', ended('rollback', 'rolled_back'), 0],
    [
      'a hotfix that was rolled back',
      runHotfix,
      ['shop', '--branch', 'fix'],
      'hotfix',
      ended('hotfix', 'rolled_back'),
      1,
    ],
  ])('%s, followed to its end, is the exit code', async (_what, run, argv, kind, end, expected) => {
    answer = { ...STARTED, kind };
    record = end;
    const { code, out } = await ask(run, ...argv, '--watch');
    expect(out).toContain('so it ended');
    expect(code).toBe(expected);
    expect(asked.at(-1)).toMatchObject({ method: 'GET', url: `/v1/releases/shop?kind=${kind}` });
  });

  test('a rollback goes to the flow that is in flight, where there is one', async () => {
    answer = { accepted: true, command: 'rollback', product: 'shop', releaseId: 'r', kind: 'hotfix' };
    const sent = await ask(runRollback, 'shop');
    expect(sent.out).toContain('to the hotfix of shop that is in flight');
    expect(sent.out).toContain('windlass status shop --kind hotfix');
    record = ended('hotfix', 'rolled_back');
    expect((await ask(runRollback, 'shop', '--watch')).code).toBe(0);
  });
});

test('every command about a flow reaches it by --kind, and a hotfix by the name of its gate', async () => {
  record = ended('gates', 'completed');
  await ask(runStatus, 'shop', '--kind', 'gates');
  await ask(runWatch, 'shop', '--kind', 'deployment-staging');
  await ask(act('hold'), 'shop', '--kind', 'rollback');
  await ask(act('restore'), 'shop', '--comment', 'orders are lost anyway');
  await ask(approve, 'shop', 'go-live', '--kind', 'deployment-production');
  await ask(approve, 'shop', 'hotfix');
  await ask(runMonitoring, 'extend', 'shop', '--by', '2h', '--kind', 'monitoring');
  expect(asked.map(({ url }) => url)).toEqual([
    '/v1/releases/shop?kind=gates',
    '/v1/releases/shop?kind=deployment-staging',
    '/v1/releases/shop/hold?kind=rollback',
    '/v1/releases/shop/database/restore',
    '/v1/releases/shop?kind=deployment-production',
    '/v1/releases/shop/approvals/go_live?kind=deployment-production',
    '/v1/releases/shop?kind=hotfix',
    '/v1/releases/shop/approvals/hotfix?kind=hotfix',
    '/v1/releases/shop/monitoring/extend?kind=monitoring',
  ]);
  expect(asked.at(-1)?.body).toEqual({ extendMs: 7_200_000 });
});
