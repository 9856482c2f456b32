/** What a product says of its gates, as the release rules see it. */
import { SCRIPT_TIMEOUTS_MS } from '../../release/policy/default-times.ts';
import type { GateConfiguration, GateSettings } from '../../release/policy/gates.ts';
import type { GatesFile } from '../schema/gate-schema.ts';
import { readScript } from '../schema/script-schema.ts';
import { compact } from './paths.ts';

/** Renames and completes the gates, in the order of the file. */
export function normaliseGates(gates: GatesFile): GateConfiguration {
  return Object.fromEntries(Object.entries(gates).map(([name, gate]) => [name, normaliseGate(gate)]));
}

function normaliseGate(gate: GatesFile[string]): GateSettings {
  const script = gate.script === undefined ? undefined : readScript(gate.script, SCRIPT_TIMEOUTS_MS.gate);
  return compact({
    title: gate.title,
    script,
    timeoutMs: gate.timeout,
    requiredFor: gate.required_for,
    advisory: gate.advisory,
    skippable: gate.skippable,
    needs: gate.needs,
    report: gate.report,
  });
}
