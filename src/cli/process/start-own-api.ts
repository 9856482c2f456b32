import type { Installation } from '../../config/installation.ts';
import { isPortFree } from '../../temporal/free-port.ts';
import { CliProblem } from '../cli-problem.ts';
import type { CliContext } from '../context.ts';

export interface OwnApi {
  url: string;
  close(): Promise<void>;
}

/**
 * Starts the API of an installation in this process.
 * @throws CliProblem when its port is taken, TemporalProblem when Temporal is away.
 */
export async function startOwnApi(installation: Installation, context: CliContext): Promise<OwnApi> {
  const { host, port } = installation.api;
  if (port !== 0 && !(await isPortFree(port, host))) {
    throw new CliProblem(`port ${port} of ${host}, where the API should listen, is taken or not ours.`, {
      hint: `Stop the program that has it, or change api.listen in ${installation.file}. The API was not started.`,
    });
  }
  const file = new URL('../../api/server.ts', import.meta.url).href;
  const { startApi } = (await import(file)) as {
    startApi(options: { installation: Installation; environment: NodeJS.ProcessEnv }): Promise<OwnApi>;
  };
  return await startApi({ installation, environment: context.environment });
}
