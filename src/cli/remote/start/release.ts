import { ASKED_BUMPS } from '../../../release/names.ts';
import { printable } from '../../../release/plan/printable.ts';
import { API_HELP, API_OPTIONS, findApi } from '../../find-api.ts';
import { misuse } from '../../line/cli-problem.ts';
import { type CliContext, processContext } from '../../line/context.ts';
import { readLine } from '../../line/read-line.ts';
import { NOTHING_HELP, readNothingExit } from '../flow-kind.ts';
import { watchRelease } from '../follow/watch.ts';
import { checkProduct } from '../product-path.ts';
import { AT_HELP, readTime, tellTime } from './read-time.ts';
import { readVersion } from './read-version.ts';

const HELP = `Usage: windlass release PRODUCT [--bump auto|major|minor|patch] [--version X.Y.Z] [--at TIME]
                                [--watch [--nothing-exit CODE]]

Starts a release of the tip of the product's release branch. It runs on the server: this command may end, and so may
this machine.

  --bump B             how far the version moves; default: what the commits say
  --version X.Y.Z      this very version instead
${AT_HELP}  --watch              follow it to its end
${NOTHING_HELP}${API_HELP}
Exit codes: 0 started (with --watch: released, or nothing to release), 1 failed, 2 wrong use.
`;

/** `windlass release`. */
export async function runRelease(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, {
    command: 'release',
    operands: ['PRODUCT'],
    options: ['bump', 'version', 'at', 'nothing-exit', ...API_OPTIONS],
    switches: ['watch'],
  });
  if (!read) return 0;
  const { bump, version } = read.options;
  const product = read.operands[0] ?? '';
  checkProduct(product);
  if (bump !== undefined && version !== undefined)
    throw misuse('release: give either --bump or --version, not both.');
  if (bump !== undefined && !ASKED_BUMPS.some((known) => known === bump)) {
    throw misuse(
      `release: --bump is one of ${ASKED_BUMPS.join(', ')}, not "${printable(bump.slice(0, 40))}".`,
    );
  }
  if (version !== undefined) readVersion('release: --version', version);
  const deployAt = readTime('release', read.options.at, context.now());
  const nothingExit = readNothingExit('release', read.options['nothing-exit']);
  const api = await findApi(read.options, context);
  const started = await api.post<{ releaseId: string; url: string }>('/v1/releases', {
    product,
    ...(version === undefined ? { bump: bump ?? 'auto' } : { version }),
    ...(deployAt === undefined ? {} : { deployAt }),
  });
  context.write(`Started the release ${printable(started.releaseId)} of ${product}.\n`);
  context.write(tellTime(deployAt));
  context.write(`  page:   ${printable(started.url)}\n  follow: windlass watch ${product}\n`);
  return read.switches.watch
    ? await watchRelease({ api, product, releaseId: started.releaseId, context, nothingExit })
    : 0;
}
