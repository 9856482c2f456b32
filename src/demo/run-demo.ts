import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listRoles } from '../release/policy/approvers.ts';
import type { ReleaseRecord } from '../release/record/record.ts';
import { openGate } from '../release/record/record.ts';
import type { DemoApi } from './api-calls.ts';
import { callApi } from './api-calls.ts';
import type { Approver } from './approvers.ts';
import type { Finding } from './check-world.ts';
import { checkReleased, checkRolledBack } from './check-world.ts';
import { startCustomers } from './customers.ts';
import { personWith } from './fixture.ts';
import type { Printer } from './print.ts';
import type { World } from './start-world.ts';
import { VERSION_BEFORE } from './version-before.ts';

export interface DemoRun {
  world: World;
  apiUrl: string;
  webUiUrl: string;
  approver: Approver;
  print: Printer;
  /** Ends the waiting when the user pressed Ctrl-C. */
  signal: AbortSignal;
}

/** Releases the example product through the API and tells how it goes. True when the world is as it should be. */
export async function runDemoRelease(run: DemoRun): Promise<boolean> {
  const { world, print } = run;
  const { fixture } = world;
  const api = callApi(run.apiUrl);
  const customers = startCustomers(`http://127.0.0.1:${fixture.ports.production}`);
  const startedAt = Date.now();
  try {
    if (world.resumed && (await api.read(personWith(fixture, 'operator'), fixture.product))) {
      print.line('The release of an earlier start is still in flight: it goes on where it stopped.');
    } else {
      await api.start(personWith(fixture, 'release_manager'), fixture.product);
      print.line(`Cleo asked for a release of ${fixture.product}. The page is at ${run.apiUrl}`);
    }
    const record = await follow(run, api);
    await world.save({ finished: true });
    print.record(record);
    const findings = await checkEnding(world, record);
    print.findings(findings);
    print.line(`Customers meanwhile: ${customers.served()} requests answered, ${customers.failed()} failed.`);
    print.line(
      `The release took ${Math.round((Date.now() - startedAt) / 1_000)} s. In the Web UI: ${run.webUiUrl}`,
    );
    const expected = fixture.bad ? 'rolled_back' : 'released';
    return record.outcome === expected && findings.every((finding) => finding.holds);
  } finally {
    await customers.stop();
  }
}

/** Shows each step as it ends, and has each gate decided, until the release is over. */
async function follow(run: DemoRun, api: DemoApi): Promise<ReleaseRecord> {
  const { fixture } = run.world;
  const viewer = personWith(fixture, 'operator');
  const asked = new Set<string>();
  for (;;) {
    run.signal.throwIfAborted();
    const record = await api.read(viewer, fixture.product);
    if (record) {
      run.print.progress(record);
      if (record.outcome !== undefined) return record;
      for (const gate of record.approvals.filter((candidate) => candidate.status === 'open')) {
        for (const role of listRoles(gate.required)) {
          const id = `${record.round}/${gate.key}/${gate.openedAt}/${role}`;
          if (asked.has(id) || gate.decisions.some((decision) => decision.role === role)) continue;
          asked.add(id);
          const person = personWith(fixture, role);
          const decision = await run.approver.decide({
            record,
            gate,
            role,
            person,
            signal: run.signal,
            isOpen: async () => {
              const now = await api.read(viewer, fixture.product);
              const open = now && openGate(now, gate.key);
              return open !== undefined && !open.decisions.some((d) => d.role === role);
            },
          });
          if (decision)
            await api.decide(person, fixture.product, gate.key, decision, role, run.approver.comment);
        }
      }
    }
    await delay(300, undefined, { signal: run.signal });
  }
}

async function checkEnding(world: World, record: ReleaseRecord): Promise<Finding[]> {
  const version = record.plan?.version ?? '';
  if (record.outcome === 'released') return await checkReleased(world, version);
  const findings = await checkRolledBack(world, version, VERSION_BEFORE);
  const titles = await readIssueTitles(
    join(world.folders.root, 'store', 'named', 'issues', world.fixture.product),
  );
  return [
    ...findings,
    {
      what: 'one issue is open for the rollback (a file in the store: no host is configured)',
      found: titles.join('; ') || 'none',
      holds: titles.filter((title) => /was rolled back/.test(title)).length === 1,
    },
  ];
}

/** The first lines of the issues in a folder of the store. */
export async function readIssueTitles(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.map((text) => text.split('\n')[0]?.replace(/^# /, '') ?? '').sort();
}
