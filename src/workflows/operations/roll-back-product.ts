import { patched } from '@temporalio/workflow';
import { readIncidents } from '../../contracts/inbound/read-report.ts';
import type { ReleasedVersion } from '../../contracts/release-answers.ts';
import type {
  ReleaseResult,
  RollBackProductInput,
  RollbackInput,
  RollbackResult,
} from '../../contracts/workflows.ts';
import { newestVersion } from '../../release/plan/version.ts';
import type { EnvironmentSettings, ProductSettings } from '../../release/settings.ts';
import { tellTakeBack } from '../commands/take-back.ts';
import { endRelease } from '../release/end-release.ts';
import { startOrJoinRollback } from '../rollback/start-rollback.ts';
import { RolledBack } from '../shared/interrupts.ts';
import { recordReceipts } from '../shared/receipts.ts';
import type { ReleaseRun } from '../shared/release-run.ts';
import { runStep } from '../shared/run-step.ts';
import {
  deployable,
  describeReleased,
  findVersion,
  mistake,
  publicationsOf,
  readRunning,
} from './find-production.ts';
import type { GoingBack, Running } from './rollback-targets.ts';
import {
  chooseBad,
  describeAgain,
  findTargets,
  findWayBack,
  listProduction,
  lookAtTargets,
} from './rollback-targets.ts';
import { runOperation } from './run-operation.ts';
import { settleIncidents } from './settle-incidents.ts';

/**
 * Takes a version that is long live back from production: the environment first, then what users get by default, then
 * deprecation, state files, issue, notification and post-mortem. Going back is the safe direction: it needs no
 * approval.
 */
export async function rollBackProduct(input: RollBackProductInput): Promise<ReleaseResult> {
  return await runOperation('rollback', input.request, async (run, settings) => {
    const latest = await findVersion(run, { tagOnly: true }, 'readiness.latest');
    const targets = findTargets(settings, input.environment);
    if (targets.length === 0) return await rollBackLibrary(run, settings, input, latest.version);
    const looked = await lookAtTargets(run, targets, latest);
    const badVersion = chooseBad(input, looked);
    const going = looked.filter(({ version }) => version === badVersion);
    if (going.length === 0) {
      // Somebody was quicker: what is to go is gone, and one more step back would be one too many.
      const runs = looked.map(({ environment, version }) => `${environment.name} runs ${version}`).join(', ');
      await endRelease(run, 'completed', `${runs}, not ${badVersion}: there is nothing to roll back`);
      return;
    }
    const bad = await findVersion(run, { version: badVersion });
    const ways: GoingBack[] = [];
    for (const one of going) ways.push(await findWayBack(run, input, one));
    const offered = chooseOffered(ways);
    run.apply({
      event: 'planned',
      plan: { ...describeReleased(settings, bad), previousVersion: offered.version },
      title: `${settings.title} ${bad.version}`,
    });
    for (const incident of readIncidents(input.incidents)) run.apply({ event: 'incident', incident });
    run.apply({ event: 'phase_entered', phase: 'production' });
    for (const way of ways) await confirmDatabase(run, settings, way, ways.length > 1);
    run.set('noAbort', 'a rollback is not left half-way: it ends when the version before answers again');
    // What is still being tagged and offered is not any more.
    if (input.environment === undefined && patched('take-back')) {
      await tellTakeBack(run, bad.version, input.reason);
    }
    const went: { name: string; version: string }[] = [];
    const left: string[] = [];
    const replaced: string[] = [];
    let helped = true;
    for (const target of targets) {
      const way = ways.find(({ environment }) => environment === target);
      const now = way ?? (await lookAgain(run, target, looked, latest));
      if (now.version !== bad.version) {
        run.apply({ event: 'left_as_it_is', environment: target.name, version: now.version });
        continue;
      }
      const several = targets.length > 1;
      const result = await goBack(run, input, { ...now, bad, to: way?.to ?? offered, several });
      if (result.outcome === 'replaced') {
        replaced.push(result.reason);
        continue;
      }
      if (result.outcome === 'back') went.push({ name: target.name, version: (way?.to ?? offered).version });
      else left.push(`${target.name} is left to people: ${result.reason}`);
      helped = helped && result.helped;
    }
    if (went.length + left.length === 0 && replaced.length > 0) {
      settleIncidents(run, replaced, false);
      await endRelease(run, 'completed', `${replaced.join(', ')}: there is nothing to roll back`);
      return;
    }
    settleIncidents(run, left, helped);
    if (left.length > 0 && patched('left-to-people')) {
      const remains = [`${bad.version} stays published`];
      await endRelease(run, 'failed', `${input.reason}; ${left.join('; ')}`, remains);
      return;
    }
    const again = `${input.reason}; ${describeAgain(went)}`;
    const others = listProduction(settings).filter(({ name }) => !targets.some((one) => one.name === name));
    if (others.length > 0) {
      // Elsewhere it is still offered and used: only the environments that were named are taken back.
      await endRelease(run, 'completed', again, [
        `not touched: ${others.map(({ name }) => name).join(', ')}; ${bad.version} stays published`,
      ]);
      return;
    }
    await offerAgain(run, offered, bad.version);
    noteForWithdrawal(run, bad);
    throw new RolledBack(again, helped);
  });
}

/** What users get by default afterwards: the newest of what the environments go back to. */
function chooseOffered(ways: readonly GoingBack[]): ReleasedVersion {
  const newest = newestVersion(ways.map(({ to }) => to.version));
  return ways.find(({ to }) => to.version === newest)!.to;
}

/** Of an environment that was not asked at the beginning (see `lookAtTargets`): what it runs by now. */
async function lookAgain(
  run: ReleaseRun,
  environment: EnvironmentSettings,
  looked: readonly Running[],
  latest: ReleasedVersion,
): Promise<Running> {
  const found = looked.find((one) => one.environment === environment);
  return found ?? { environment, ...(await readRunning(run, environment, latest)) };
}

async function goBack(
  run: ReleaseRun,
  input: RollBackProductInput,
  about: {
    environment: EnvironmentSettings;
    bad: ReleasedVersion;
    to: ReleasedVersion;
    several: boolean;
    slot?: string;
  },
): Promise<RollbackResult> {
  const { environment, bad, to, several, slot } = about;
  const rollbackInput: RollbackInput = {
    releaseId: input.request.releaseId,
    product: input.request.product,
    environment,
    bad: {
      version: bad.version,
      commit: bad.commit,
      ...deployable(bad),
      ...(slot === undefined ? {} : { slot }),
    },
    to: { version: to.version, commit: to.commit, ...deployable(to) },
    strategy: 'blue-green',
    reason: input.reason,
    by: input.request.requestedBy,
    reportTo: run.workflowId,
    ...(bad.bundle === undefined ? {} : { bundle: bad.bundle }),
    round: 1,
  };
  const result = await runStep(
    run,
    {
      id: several ? `production.rollback.${environment.name}` : 'production.rollback',
      title: `Back to ${to.version} in ${environment.name}`,
      phase: 'production',
      describe: (r: RollbackResult) =>
        r.helped || r.outcome !== 'back' ? r.reason : `${r.reason}; it did not help`,
    },
    () => startOrJoinRollback(run.activities, rollbackInput),
  );
  // A person who ended it knows what runs there; Windlass does not.
  if (result.outcome !== 'back') return result;
  run.apply({
    event: 'environment',
    environment: {
      name: environment.name,
      kind: 'production',
      url: environment.url,
      version: to.version,
      previousVersion: to.version,
      share: 0,
      deployedAt: result.deployed.deployedAt,
    },
    news: { is: 'runs_again' },
  });
  return result;
}

/** Migrations between the two may have left a database that the older one cannot use: a person looks first. */
async function confirmDatabase(
  run: ReleaseRun,
  settings: ProductSettings,
  { environment, version: from, to: { version: to, beyond = [] } }: GoingBack,
  several: boolean,
): Promise<void> {
  const doubt = doubtDatabase(settings, environment, from, to, beyond);
  if (doubt === undefined) return;
  const { name } = environment;
  let asked = false;
  await runStep(
    run,
    {
      id: several ? `production.database.${name}` : 'production.database',
      title: `Does ${to} work on the database of ${from}${several ? ` in ${name}` : ''}?`,
      phase: 'production',
      describe: () => 'confirmed by a person',
    },
    async () => {
      if (asked) return;
      asked = true;
      throw mistake(
        `${several ? `${name}: ` : ''}${doubt}: ${to} may not work on the database of ${from}. Restore it by hand if need be; retry goes back then`,
      );
    },
  );
}

/** Why nobody can tell whether the database of one version is good for another; `undefined` where the product says so. */
function doubtDatabase(
  settings: ProductSettings,
  environment: EnvironmentSettings,
  from: string,
  to: string,
  beyond: readonly string[],
): string | undefined {
  if (!settings.migrationsBackwardCompatible) return 'migrations are not backward compatible';
  const over = settings.migrationsCompatibleOver ?? 1;
  if (beyond.length <= over || environment.scripts.migrate === undefined) return undefined;
  return `between ${to} and ${from} lie the migrations of ${beyond.join(', ')}, and they are said to be compatible over ${over === 1 ? 'one version' : `${over} versions`} only (migrations.compatible_over)`;
}

/**
 * A product that runs nowhere: what users get by default goes back, the bad version is deprecated, and an issue says so.
 * There is no state to ask, so it is the newest version that goes unless another is named.
 */
async function rollBackLibrary(
  run: ReleaseRun,
  settings: ProductSettings,
  input: RollBackProductInput,
  latest: string,
): Promise<void> {
  const bad = await findVersion(run, { version: input.bad ?? latest });
  const to = await findVersion(
    run,
    input.to === undefined ? { below: bad.version } : { version: input.to },
    'readiness.target',
  );
  if (to.version === bad.version) throw mistake(`${to.version} is the version that is to go`);
  run.apply({
    event: 'planned',
    plan: { ...describeReleased(settings, bad), previousVersion: to.version },
    title: `${settings.title} ${bad.version}`,
  });
  run.set('noAbort', 'a rollback is not left half-way: it ends when the version before is offered again');
  await offerAgain(run, to, bad.version);
  noteForWithdrawal(run, bad);
  throw new RolledBack(`${input.reason}; ${to.version} is what users get again`, true);
}

/** The withdrawal of the bad version follows with everything else that ends a rollback. */
function noteForWithdrawal(run: ReleaseRun, bad: ReleasedVersion): void {
  for (const publication of publicationsOf(bad)) run.apply({ event: 'published', publication });
}

/** What users get by default becomes the version before, wherever it is published. */
async function offerAgain(run: ReleaseRun, to: ReleasedVersion, insteadOf: string): Promise<void> {
  const publications = publicationsOf(to);
  for (const publication of publications) {
    await runStep(
      run,
      {
        id: publication === publications[0] ? 'finalize.latest' : `finalize.latest.${publication.registry}`,
        title: `Offer ${publication.name} ${to.version} to everybody again`,
        phase: 'finalize',
        role: 'release',
      },
      async () => {
        const effect = await run.activities
          .release(`move the channel of ${publication.name} back`)
          .moveChannel({
            product: run.record.product,
            releaseId: run.record.releaseId,
            version: to.version,
            publication,
            insteadOf,
          });
        recordReceipts(run, effect.receipts);
      },
    );
  }
}
