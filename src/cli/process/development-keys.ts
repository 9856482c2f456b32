import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Installation, Person } from '../../config/installation.ts';
import { WORKER_ROLES } from '../../contracts/task-queues.ts';
import { keepOutOfGit } from '../../integrations/process/isolation.ts';

export interface DevelopmentKeys {
  installation: Installation;
  /** People to whom the configuration gives no token, each with the file that holds one of their own. */
  tokens: { person: string; file: string }[];
}

const KEY_NAME = 'windlass_dev_signing_key';
const KEY_ID = 'development';

/**
 * Fills in what approvals need and a configuration just begun has not: a key that signs decisions, one for each
 * role that writes the ledger, and a token for each person without one. They are made once, in `folder`, readable by their owner only; a configured one is kept.
 */
export async function fillInDevelopmentKeys(
  installation: Installation,
  folder: string,
): Promise<DevelopmentKeys> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await keepOutOfGit(folder);
  const tokens: DevelopmentKeys['tokens'] = [];
  const people: Person[] = [];
  for (const person of installation.people) {
    if (person.tokenSha256 !== undefined || installation.api.oidc !== undefined) {
      people.push(person);
      continue;
    }
    const file = join(folder, `token-${person.name}`);
    const token = await keepOnce(file, () => randomBytes(24).toString('base64url'));
    tokens.push({ person: person.name, file });
    people.push({ ...person, tokenSha256: createHash('sha256').update(token).digest('hex') });
  }
  const keyed = await fillInLedgerKeys({ ...installation, people }, folder);
  if (installation.api.signing !== undefined) return { installation: keyed, tokens };
  const file = join(folder, 'signing-key.pem');
  const publicKey = await keepKey(file);
  return {
    tokens,
    installation: {
      ...keyed,
      secrets: { ...keyed.secrets, [KEY_NAME]: { source: { file }, readers: ['api'] } },
      api: {
        ...installation.api,
        signing: { keyId: KEY_ID, privateKey: KEY_NAME },
        verifyKeys: [
          ...installation.api.verifyKeys.filter(({ keyId }) => keyId !== KEY_ID),
          { keyId: KEY_ID, publicKey },
        ],
      },
    },
  };
}

/** A key for each role that has none, to write the ledger with. */
async function fillInLedgerKeys(installation: Installation, folder: string): Promise<Installation> {
  const { ledger } = installation;
  if (!ledger.keep) return installation;
  const keys = [...ledger.keys];
  const secrets = { ...installation.secrets };
  for (const role of WORKER_ROLES) {
    if (keys.some((key) => key.role === role && key.privateKey !== undefined)) continue;
    const file = join(folder, `ledger-${role}.pem`);
    const name = `windlass_dev_ledger_${role}`;
    secrets[name] = { source: { file }, readers: [role] };
    keys.push({ keyId: `development-${role}`, role, publicKey: await keepKey(file), privateKey: name });
  }
  return { ...installation, secrets, ledger: { ...ledger, keys } };
}

/** The public half of the private key in the file, which is made if there is none. */
async function keepKey(file: string): Promise<string> {
  const privateKey = await keepOnce(file, () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
  return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
}

/** What the file holds, or what `make` makes, kept there from now on. */
async function keepOnce(file: string, make: () => string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const made = make().trim();
  await writeFile(file, `${made}\n`, { mode: 0o600, flag: 'wx' });
  return made;
}
