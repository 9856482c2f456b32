import { QUALITY_GATES } from '../../../release/policy.ts';
import type { GateName } from '../../../release/settings.ts';
import { GATE_SCRIPTS } from '../../../release/settings.ts';
import { subjectOf } from '../../../release/subject.ts';
import type { BuiltRelease, GateResult, TestedRelease } from '../../../release/values.ts';
import { awaitApproval } from '../../shared/approval-gate.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { noteNotConfigured, runStep } from '../../shared/run-step.ts';

const TITLES: Record<GateName, string> = {
  tests: 'Test suite',
  regression: 'End-to-end regression',
  load: 'Load test',
  profiling: 'Performance profile',
  container: 'Container build',
  smoke: 'Smoke test of the build',
};

/** Every gate of the release type, on the built bytes. Any failure halts. */
export async function runGates(run: ReleaseRun, built: BuiltRelease): Promise<TestedRelease> {
  const gates = await runAutomaticGates(run, built);
  const subject = subjectOf({
    product: built.request.product,
    version: built.version,
    type: built.type,
    planHash: built.planHash,
    commit: built.commit,
    artifact: built.artifact.digest,
    ...(built.image === undefined ? {} : { image: built.image.digest }),
  });
  run.apply({ event: 'subject_known', subject });
  await awaitApproval(run, {
    key: 'manual_smoke',
    step: 'gates.manual_smoke',
    phase: 'gates',
    title: `Manual smoke of the critical paths of ${built.version}`,
    asks: built.settings.criticalPaths,
    required: built.settings.criticalPaths.length === 0 ? [] : built.policy.manualSmoke,
    subject,
    approvals: built.settings.approvals,
  });
  return { ...built, gates, subject };
}

/** The gates that no person has to pass. */
export async function runAutomaticGates(run: ReleaseRun, built: BuiltRelease): Promise<GateResult[]> {
  run.apply({ event: 'phase_entered', phase: 'gates' });
  const gates: GateResult[] = [];
  for (const gate of built.policy.gates) gates.push(await runGate(run, built, gate));
  return gates;
}

async function runGate(run: ReleaseRun, built: BuiltRelease, gate: GateName): Promise<GateResult> {
  const spec = { id: `gates.${gate}`, title: TITLES[gate], phase: 'gates' as const };
  if (built.settings.scripts[GATE_SCRIPTS[gate]] === undefined) {
    const result: GateResult = { gate, result: 'not_configured', summary: 'no script is configured' };
    noteNotConfigured(run, spec, result.summary);
    run.apply({ event: 'gate_passed', gate: result });
    return result;
  }
  const advisory = !built.settings.release.requireQualityGates && QUALITY_GATES.includes(gate);
  const result = await runStep(
    run,
    {
      ...spec,
      role: 'qa',
      describe: (r: GateResult) => `${r.result.replace('_', ' ')}: ${r.summary}`,
      // Policy lets a person pass over a quality gate with a reason; never over tests or the build.
      ...(QUALITY_GATES.includes(gate)
        ? { skipped: (): GateResult => ({ gate, result: 'skipped', summary: 'skipped by an operator' }) }
        : {}),
    },
    () =>
      run.activities.qa(`${TITLES[gate]} of ${built.version}`).runGate({
        product: built.request.product,
        releaseId: built.request.releaseId,
        gate,
        version: built.version,
        ...(built.previousVersion === undefined ? {} : { previousVersion: built.previousVersion }),
        commit: built.commit,
        bundle: built.bundle,
        artifact: built.artifact,
        loadProfile: built.policy.loadProfile,
        advisory,
      }),
  );
  run.apply({ event: 'gate_passed', gate: result });
  return result;
}
