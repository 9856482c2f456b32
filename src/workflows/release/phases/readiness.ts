import { ApplicationFailure, patched } from '@temporalio/workflow';
import type { PreflightReport } from '../../../contracts/preflight.ts';
import type { Readiness } from '../../../contracts/release-answers.ts';
import { FLOW_MS } from '../../../release/policy/inner-times.ts';
import type { FailureInfo } from '../../../release/record/record.ts';
import type { ProductSettings } from '../../../release/settings.ts';
import type { ReadyRelease, ReleaseRequest } from '../../../release/values.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { noteNotConfigured, runStep } from '../../shared/run-step.ts';
import { askPreflight } from '../ask-preflight.ts';

/** Warnings in the record; `windlass preflight` tells all of them. */
const MOST_TOLD = 5;

/**
 * Is there something to release, and does nothing stand against it? Blockers are reported all at once, and the
 * release waits. `undefined` when no commit since the last release calls for one.
 */
export async function checkReadiness(
  run: ReleaseRun,
  request: ReleaseRequest,
  settings: ProductSettings,
  { wholeWay }: { wholeWay: boolean },
): Promise<ReadyRelease | { nothing: string }> {
  run.apply({ event: 'phase_entered', phase: 'readiness' });
  const readiness = await runStep(
    run,
    {
      id: 'readiness.check',
      title: 'Check readiness',
      phase: 'readiness',
      role: 'release',
      describe: (found: Readiness) => found.nothingToRelease ?? found.looked.join('; '),
    },
    async () => {
      const asked = run.activities.release(`readiness of ${request.product}`).checkReadiness({ request });
      const [found, reports] = await Promise.all([
        asked,
        wholeWay && patched('preflight')
          ? askPreflight({ product: request.product, except: ['registries'] }, FLOW_MS.preflightOfRelease)
          : [],
      ]);
      const blockers =
        found.nothingToRelease === undefined ? addProblems(found.blockers, reports) : found.blockers;
      run.apply({ event: 'blocked', blockers });
      if (blockers.length > 0) throw blocked(blockers);
      return { ...found, looked: [...found.looked, ...tellPreflight(reports)] };
    },
  );
  if (readiness.hasHost === false) {
    const spec = { id: 'readiness.host', title: 'Look at the host', phase: 'readiness' as const };
    noteNotConfigured(run, spec, 'no host is configured');
  }
  if (readiness.nothingToRelease !== undefined) return { nothing: readiness.nothingToRelease };
  return {
    request,
    settings,
    base: readiness.base,
    ...(readiness.previousVersion === undefined ? {} : { previousVersion: readiness.previousVersion }),
    ...(readiness.previousTag === undefined ? {} : { previousTag: readiness.previousTag }),
    ...(readiness.takenBack === undefined ? {} : { takenBack: readiness.takenBack }),
    ...(readiness.instead === undefined ? {} : { instead: readiness.instead }),
  };
}

/** What was rolled back is released again by people only: the schedule asks somebody who says why. */
export async function refuseRolledBack(run: ReleaseRun, ready: ReadyRelease): Promise<void> {
  if (ready.request.via !== 'schedule') return;
  // Readiness said so already; only a retry, much later perhaps, asks again.
  let known = ready.takenBack !== undefined && patched('rolled-back-known') ? ready.takenBack : undefined;
  await runStep(
    run,
    {
      id: 'readiness.rolled_back',
      title: 'Nothing that was rolled back',
      phase: 'readiness',
      role: 'release',
      skipped: () => undefined,
    },
    async () => {
      const versions = known ?? (await askRolledBack(run, ready));
      known = undefined;
      if (versions.length === 0) return;
      throw blocked([
        `${versions.join(', ')} was rolled back, and this release contains it: the schedule does not release it again by itself (skip, with the reason why it is good now, or abort)`,
      ]);
    },
  );
}

async function askRolledBack(run: ReleaseRun, { request, base, previousTag }: ReadyRelease) {
  const { product } = request;
  const asked = { product, base, ...(previousTag === undefined ? {} : { previousTag }) };
  return (await run.activities.release('what was rolled back').findRolledBack(asked)).versions;
}

/** What stands against the release, each once: several roles look at the same repository. */
function addProblems(blockers: string[], reports: PreflightReport[]): string[] {
  const all = [...blockers];
  for (const { role, findings } of reports) {
    for (const { state, subject, found, advice } of findings) {
      if (state !== 'problem') continue;
      all.push(`${subject}: ${found} (${role}); ${advice ?? 'mend it'}`);
    }
  }
  return [...new Set(all)];
}

/** How much was looked at, and what of it the release can do without. */
function tellPreflight(reports: PreflightReport[]): string[] {
  if (reports.length === 0) return [];
  const all = reports.flatMap(({ findings }) => findings);
  const warnings = all.filter(({ state }) => state === 'warning');
  const told = warnings.slice(0, MOST_TOLD).map(({ subject, found }) => `${subject}: ${found}`);
  return [`preflight: ${all.length - warnings.length} of ${all.length} in order`, ...told];
}

function blocked(blockers: string[]): ApplicationFailure {
  const details: FailureInfo = {
    type: 'Blocked',
    what: blockers.join('; '),
    changed: 'nothing',
    next: 'remove every blocker and retry; replan to take a newer tip; or abort',
  };
  return ApplicationFailure.create({
    message: details.what,
    type: 'Blocked',
    nonRetryable: true,
    details: [details],
  });
}
