/**
 * Makes what docker-compose.yml expects beside it: docker/secrets/ and docker/windlass.yaml. Never overwrites;
 * prints what it made. Needs Node 20 and nothing else. `node docker/prepare.mjs [FOLDER]`.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('.', import.meta.url));
const folder = process.argv[2] ?? source;
const secrets = join(folder, 'secrets');
// The folder keeps others of this machine out; the files themselves are read by containers' users of other ids.
mkdirSync(secrets, { recursive: true, mode: 0o700 });

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' });
const madeKey = writeNew(join(secrets, 'signing_key'), privatePem);
writeNew(join(secrets, 'postgres_password'), randomBytes(24).toString('base64url'));
writeNew(join(secrets, 'cookie_key'), randomBytes(32).toString('base64url'));
writeNew(join(secrets, 'payload_key'), randomBytes(32).toString('base64'));
// A key for each role: with it the role signs what it writes into the ledger.
const roles = ['release', 'devops', 'qa', 'writer', 'support'];
const ledgerKeys = roles.map((role) => {
  const pair = generateKeyPairSync('ed25519');
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { role, isNew: writeNew(join(secrets, `ledger_${role}`), pem), raw: rawKey(pair.publicKey) };
});
// Yours to fill in, once windlass.yaml uses them.
for (const name of ['npm_token', 'github_token', 'read_token', 'deploy_key']) {
  writeNew(join(secrets, name), '', 0o644);
}

if (madeKey) {
  const raw = rawKey(publicKey);
  const template = readFileSync(join(source, 'windlass.example.yaml'), 'utf8');
  const filled = ledgerKeys.reduce(
    (text, key) => text.replace(`LEDGER_${key.role.toUpperCase()}`, key.raw),
    template.replace('PUBLIC_KEY', raw),
  );
  if (!writeNew(join(folder, 'windlass.yaml'), filled, 0o644)) {
    console.log(`Put the new public key into your windlass.yaml (api.verify_keys): ${raw}`);
  }
}
console.log(
  'Ready. Edit docker/windlass.yaml, fill in the secrets that you need, then: docker compose up --build',
);

for (const { role, isNew, raw } of ledgerKeys) {
  if (isNew && !madeKey)
    console.log(`Name the new key of ${role} in your windlass.yaml (ledger.keys): ${raw}`);
}

function rawKey(key) {
  return key.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
}

function writeNew(path, content, mode = 0o444) {
  if (existsSync(path)) return false;
  writeFileSync(path, content, { mode, flag: 'wx' });
  console.log(`made ${path}`);
  return true;
}
