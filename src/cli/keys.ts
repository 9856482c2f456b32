/** `windlass keys`: makes the keys that an installation needs. */
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { CliProblem, misuse } from './line/cli-problem.ts';
import { type CliContext, processContext } from './line/context.ts';
import { readLine } from './line/read-line.ts';

const HELP = `Usage: windlass keys KIND --out FILE

Makes a key and writes it to FILE, which only you can read. An existing file is never overwritten.

  payload      32 bytes in base64, for temporal.payload_keys: seals what goes through Temporal
  ledger       an Ed25519 private key of one role, for ledger.keys: signs what the role writes into the ledger. Its public
               key is printed
  signing      an Ed25519 private key, for api.signing: signs people's decisions. Its public key is printed, for
               api.verify_keys

Exit codes: 0 made, 1 could not be written, 2 wrong use.
`;

const MAKERS: Record<'payload' | 'ledger' | 'signing', () => { secret: string; told: string }> = {
  payload: () => ({
    secret: randomBytes(32).toString('base64'),
    told: 'Name it first in temporal.payload_keys; keep the keys before it until what they sealed is over.\n',
  }),
  ledger: () => {
    const { secret, told } = MAKERS.signing();
    const advice =
      'Name it before the other keys of its role in ledger.keys, with this public key; give the one before a not_after.\n';
    return { secret, told: `${told}${advice}` };
  },
  signing: () => {
    const secret = generateKeyPairSync('ed25519')
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    const publicKey = createPublicKey(secret).export({ type: 'spki', format: 'pem' }).toString();
    return { secret: secret.trim(), told: publicKey };
  },
};

/** `windlass keys KIND --out FILE`. */
export async function runKeys(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, { command: 'keys', options: ['out'], operands: ['KIND'] });
  if (!read) return 0;
  const kind = read.operands[0] ?? '';
  const make = Object.hasOwn(MAKERS, kind) ? MAKERS[kind as keyof typeof MAKERS] : undefined;
  if (!make) throw misuse(`keys: say which: ${Object.keys(MAKERS).join(' or ')}.`);
  const file = read.options.out;
  if (file === undefined) throw misuse('keys: --out FILE is missing.');
  const { secret, told } = make();
  try {
    writeFileSync(file, `${secret}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'it is there already' : String(error);
    throw new CliProblem(`${file} was not written: ${why}. Nothing was changed.`);
  }
  context.write(told);
  return 0;
}
