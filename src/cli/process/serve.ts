import { connectInstallation } from '../../temporal/installation-client.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import { readInstallation, tellStopped } from '../read-installation.ts';
import { followEdits } from './follow-edits.ts';
import { holdUntilStopped } from './hold-until-stopped.ts';
import { startOwnApi } from './start-own-api.ts';

const HELP = `Usage: windlass serve [--config FILE]

Serves the HTTP API and its pages where api.listen says. It has no state: any number of copies may run. An edit of the
configuration is taken up within seconds; a product with a mistake in it is stopped, and no other.

  --config FILE        else WINDLASS_CONFIG, else the nearest windlass.yaml

Exit codes: 0 ended when asked to, 1 failed, 2 wrong use.
`;

const GRACE_MS = 20_000;

/** `windlass serve`: comes back only when it could not start. */
export async function runServe(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, { command: 'serve', options: ['config'] });
  if (!read) return 0;
  const installation = readInstallation(read.options.config, context);
  tellStopped(installation, context.writeError);
  const stopFollowing = followEdits(installation, context, { name: 'windlass serve' });
  const { client, close } = await connectInstallation({
    installation,
    role: 'api',
    environment: context.environment,
  });
  const api = await startOwnApi(installation, client, context).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  context.write(`API at ${api.url}\n`);
  return await holdUntilStopped({
    command: 'serve',
    failed: new Promise<never>(() => undefined),
    async stop() {
      await stopFollowing();
      await api.close();
      await close();
    },
    writeError: context.writeError,
    graceMs: GRACE_MS,
  });
}
