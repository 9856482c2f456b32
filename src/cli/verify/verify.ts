/** `windlass verify`: from commit to production, by what was signed, and nothing that a server only says. */
import { readEnvironment } from '../../config/environment.ts';
import type { Installation } from '../../config/installation.ts';
import { openLedgerToRead } from '../../integrations/ledger/ledger.ts';
import { listVerifyKeys } from '../../integrations/ledger/ledger-keys.ts';
import type { Store } from '../../providers/store/store.ts';
import { checkOrigin, checkOutcome } from '../../release/attestation/check-release.ts';
import { findReleaseOf, listVersions } from '../../release/attestation/find-release.ts';
import type { Finding } from '../../release/attestation/finding.ts';
import type { LedgerEntry } from '../../release/ledger/entry.ts';
import { printable } from '../../release/plan/printable.ts';
import { openStore } from '../../workers/open-store.ts';
import { CliProblem } from '../line/cli-problem.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import { readInstallation, requireProduct } from '../read-installation.ts';
import { checkRegistries, checkTag } from './check-places.ts';
import { checkApprovals, checkAttestations, checkStore } from './check-signed.ts';

const HELP = `Usage: windlass verify PRODUCT VERSION [--config FILE] [--json]

Verifies a version from its commit to production, by signatures and digests: the ledger's chain, who started it, plan,
commit, build, gates, attestations, the bytes in the store and in the registries, approvals, deployments, merge and tag.
It needs the store and public keys of windlass.yaml, no API, no Temporal and no private key. For a private repository
set WINDLASS_GIT_TOKEN. Nothing is changed.

  --config FILE        else WINDLASS_CONFIG, else the nearest windlass.yaml
  --json               the findings as JSON

Exit codes: 0 everything holds, 1 something does not or could not be looked at, 2 wrong use.
`;

/** `windlass verify`; see `--help`. */
export async function runVerify(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, {
    command: 'verify',
    operands: ['PRODUCT', 'VERSION'],
    options: ['config'],
    switches: ['json'],
  } as const);
  if (!read) return 0;
  const [name = '', version = ''] = read.operands;
  const installation = readInstallation(read.options.config, context);
  requireProduct(installation, name);
  const { gitToken } = readEnvironment(context.environment);
  const { releaseId, findings } = await verifyRelease(installation, name, version, gitToken);
  const holds = findings.every(({ state }) => state === 'holds' || state === 'none');
  context.write(
    read.switches.json
      ? `${JSON.stringify({ product: name, version, ...(releaseId ? { releaseId } : {}), holds, findings }, undefined, 2)}\n`
      : render(`${name} ${version}`, findings),
  );
  return holds ? 0 : 1;
}

/** Everything that is found out, in the order in which it happened. @throws CliProblem where nothing is known of it */
async function verifyRelease(
  installation: Installation,
  name: string,
  version: string,
  gitToken: string | undefined,
): Promise<{ releaseId?: string; findings: Finding[] }> {
  const product = requireProduct(installation, name);
  const keys = listVerifyKeys(installation);
  if (!keys.some(({ signer }) => signer !== 'api')) {
    throw new CliProblem(
      `${installation.file} names no keys of the roles (ledger.keys), so nothing can be verified.`,
      {
        hint: 'Public keys are enough. "windlass dev" keeps its own beside .windlass/keys, and its releases prove nothing.',
      },
    );
  }
  const store = await openStore(installation);
  const ledger = await readLedger(store, name, keys);
  if ('broken' in ledger) return { findings: [{ about: 'ledger', state: 'broken', says: ledger.broken }] };
  const { entries } = ledger;
  const release = findReleaseOf(entries, version);
  if (release === undefined) {
    const known = listVersions(entries).slice(-10);
    throw new CliProblem(
      `the ledger of ${name} knows nothing of a version ${printable(version.slice(0, 60))}.`,
      known.length === 0 ? {} : { hint: `It knows ${known.join(', ')}.` },
    );
  }
  const own = entries.filter(({ fact }) => fact.releaseId === release.releaseId).length;
  const findings: Finding[] = [
    {
      about: 'ledger',
      state: 'holds',
      says: `${entries.length} entries, each signed and linked to the one before; ${own} are about ${release.releaseId}.`,
    },
    ...checkOrigin(product, entries, release),
    ...(await checkAttestations(store, keys, release)),
    ...(await checkStore(store, name, release)),
    ...(await checkApprovals(store, installation.api.verifyKeys, name, release)),
    ...(await checkRegistries(installation, name, store, release)),
    ...checkOutcome(product, entries, release),
    ...(await checkTag(product, release, gitToken)),
  ];
  return { releaseId: release.releaseId, findings };
}

async function readLedger(
  store: Store,
  product: string,
  verify: ReturnType<typeof listVerifyKeys>,
): Promise<{ entries: readonly LedgerEntry[] } | { broken: string }> {
  try {
    return { entries: await openLedgerToRead(store, { verify }).read(product) };
  } catch (error) {
    if ((error as Error).name !== 'LedgerBroken') throw error;
    return { broken: (error as Error).message };
  }
}

const MARKS: Record<Finding['state'], string> = {
  holds: 'ok',
  broken: 'BROKEN',
  unknown: 'unknown',
  none: '-',
};

function render(title: string, findings: readonly Finding[]): string {
  const lines = findings.map(
    ({ about, state, says }) => `${MARKS[state].padEnd(8)} ${printable(about)}: ${printable(says)}\n`,
  );
  const broken = findings.filter(({ state }) => state === 'broken').length;
  const unknown = findings.filter(({ state }) => state === 'unknown').length;
  const end =
    broken > 0
      ? `${title} does NOT hold: ${broken} of ${findings.length} are broken.\n`
      : unknown > 0
        ? `${title} is NOT verified: of ${findings.length}, ${unknown} could not be looked at, or are not there yet.\n`
        : `${title} holds, from the commit on.\n`;
  return `${lines.join('')}${end}`;
}
