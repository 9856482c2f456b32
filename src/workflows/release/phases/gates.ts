import type { PlannedGate } from '../../../release/policy/gates.ts';
import { planGates } from '../../../release/policy/gates.ts';
import { subjectOf, subjectParts } from '../../../release/subject.ts';
import type { BuiltRelease, GateResult, TestedRelease } from '../../../release/values.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { runByNeeds } from '../../shared/run-by-needs.ts';
import { noteNotConfigured, runStep } from '../../shared/run-step.ts';
import { isTriedInStaging, smokeByHand } from '../manual-smoke.ts';

/** Every gate of the release type, on the built bytes. Any failure halts. */
export async function runGates(run: ReleaseRun, built: BuiltRelease): Promise<TestedRelease> {
  const gates = await runAutomaticGates(run, built);
  const subject = subjectOf(subjectParts(built));
  run.apply({ event: 'subject_known', subject });
  const tested = { ...built, gates, subject };
  if (!isTriedInStaging(tested)) await smokeByHand(run, tested);
  return tested;
}

/**
 * The gates that no person has to pass, each as soon as those that it needs have ended. A failure is asked about at
 * once; what does not depend on it goes on meanwhile.
 */
export async function runAutomaticGates(run: ReleaseRun, built: BuiltRelease): Promise<GateResult[]> {
  run.apply({ event: 'phase_entered', phase: 'gates' });
  return await runByNeeds(planGates(built.settings, built.policy.gates), (gate) => runGate(run, built, gate));
}

async function runGate(run: ReleaseRun, built: BuiltRelease, gate: PlannedGate): Promise<GateResult> {
  const { name, title } = gate;
  const spec = { id: `gates.${name}`, title, phase: 'gates' as const };
  if (gate.script === undefined) {
    const summary = 'no script is configured';
    const result: GateResult = { gate: name, title, result: 'not_configured', summary };
    noteNotConfigured(run, spec, summary);
    run.apply({ event: 'gate_passed', gate: result });
    return result;
  }
  const result = await runStep(
    run,
    {
      ...spec,
      role: 'qa',
      logs: ({ log }: GateResult) => [log],
      describe: (r: GateResult) => `${r.result.replace('_', ' ')}: ${r.summary}`,
      // Policy lets a person pass over some gates with a reason; never over tests or the build.
      ...(gate.skippable
        ? {
            skipped: (): GateResult => ({
              gate: name,
              title,
              result: 'skipped',
              summary: 'skipped by an operator',
            }),
          }
        : {}),
    },
    () =>
      run.activities.qa(`${title} of ${built.version}`).runGate({
        product: built.request.product,
        releaseId: built.request.releaseId,
        gate: name,
        version: built.version,
        ...(built.previousVersion === undefined ? {} : { previousVersion: built.previousVersion }),
        commit: built.commit,
        bundle: built.bundle,
        ...(built.artifact === undefined ? {} : { artifact: built.artifact }),
        ...(built.image === undefined ? {} : { image: built.image }),
        loadProfile: built.policy.loadProfile,
        advisory: gate.advisory,
      }),
  );
  run.apply({ event: 'gate_passed', gate: result });
  return result;
}
