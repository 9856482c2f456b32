import type { Client } from '@temporalio/client';
import type { RunningApi } from '../../api/server.ts';
import { startApi } from '../../api/server.ts';
import type { Installation } from '../../config/installation.ts';
import { isPortFree } from '../../temporal/free-port.ts';
import { openStore } from '../../workers/open-store.ts';
import { CliProblem } from '../line/cli-problem.ts';
import type { CliContext } from '../line/context.ts';

/**
 * Starts the API of an installation in this process. Whoever gives the client closes it.
 * @throws CliProblem when its port is taken, SecretUnavailable when it may not read a key.
 */
export async function startOwnApi(
  installation: Installation,
  client: Client,
  context: CliContext,
): Promise<RunningApi> {
  const { host, port } = installation.api;
  if (port !== 0 && !(await isPortFree(port, host))) {
    throw new CliProblem(`port ${port} of ${host}, where the API should listen, is taken or not ours.`, {
      hint: `Stop the program that has it, or change api.listen in ${installation.file}. The API was not started.`,
    });
  }
  const store = await openStore(installation);
  return await startApi({ installation, client, store, environment: context.environment });
}
