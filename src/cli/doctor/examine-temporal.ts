import { connectClient } from '../../temporal/connection.ts';
import { findTemporal, type TemporalFinding } from '../../temporal/server/find-temporal.ts';
import { TemporalProblem } from '../../temporal/temporal-problem.ts';
import type { DoctorFinding, Environment } from './finding.ts';

/** Which Temporal would be used and why, with every place where it was looked for. Downloads and builds nothing. */
export async function examineTemporal(
  environment: Environment,
  projectRoot: string,
): Promise<{ finding: DoctorFinding; candidates: TemporalFinding['candidates'] }> {
  const name = 'temporal';
  let result: TemporalFinding;
  try {
    result = await findTemporal({ environment, projectRoot, mode: 'look' });
  } catch (error) {
    if (!(error instanceof TemporalProblem)) throw error;
    return { finding: { name, state: 'problem', found: error.message }, candidates: [] };
  }
  const { choice, candidates } = result;
  if (choice?.kind === 'binary') {
    const found = `server ${choice.server} (${choice.source}: ${choice.binary})`;
    return { finding: { name, state: 'ok', found }, candidates };
  }
  if (choice?.kind === 'address') {
    return { finding: await examineAddress(choice.address, environment), candidates };
  }
  const possible = candidates.filter(({ outcome }) => outcome === 'possible');
  const buildable = possible.find(({ source }) => source === 'build from Go modules');
  if (buildable !== undefined) {
    return { finding: { name, state: 'ok', found: `none yet: ${buildable.reason}` }, candidates };
  }
  const finding: DoctorFinding = {
    name,
    state: 'problem',
    found: 'none here, and no Go to build it with; only a download could help',
    advice:
      'Install Go (https://go.dev/dl), or the Temporal command line (https://docs.temporal.io/cli), or set TEMPORAL_ADDRESS.',
  };
  return { finding, candidates };
}

async function examineAddress(address: string, environment: Environment): Promise<DoctorFinding> {
  const namespace = environment['TEMPORAL_NAMESPACE'] || 'default';
  try {
    const { close } = await connectClient({ address, namespace });
    await close();
    return { name: 'temporal', state: 'ok', found: `the server at ${address} answers (TEMPORAL_ADDRESS)` };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return {
      name: 'temporal',
      state: 'problem',
      found,
      advice: 'Start that server or unset TEMPORAL_ADDRESS.',
    };
  }
}
