/** The API's signature on people's commands: Ed25519, several keys at once so that they can be changed. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { VerifyKey } from '../../config/installation.ts';
import type { Command, SignedCommand } from '../../contracts/commands.ts';
import { COMMAND_NAMES } from '../../release/commands/command-table.ts';
import { CLOCK_SKEW_MS } from '../../release/policy/inner-times.ts';
import { ROLE_NAME, SEVERITIES } from '../../release/settings.ts';

/** The same limit as the workflow has for a signal's text. */
const LONGEST = 8_192;

/** The key with which this API signs. `privateKey` is PEM (PKCS #8). */
export interface SigningKey {
  keyId: string;
  privateKey: string;
}

/** Signs exactly this command's JSON text. @throws when the key is no Ed25519 private key or the command is too long. */
export function signCommand(command: Command, key: SigningKey): SignedCommand {
  const signed = JSON.stringify(command);
  if (signed.length > LONGEST)
    throw new Error(`A command may have ${LONGEST} characters; this one has ${signed.length}.`);
  const privateKey = createPrivateKey(key.privateKey);
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new Error(`The signing key "${key.keyId}" is ${privateKey.asymmetricKeyType}, not Ed25519.`);
  }
  return {
    signed,
    keyId: key.keyId,
    signature: sign(null, Buffer.from(signed), privateKey).toString('base64'),
  };
}

/** Why a signed command does not count. `expired`: the signature holds, but its time is over. */
export interface Unverified {
  refused: string;
  expired?: boolean;
}

/**
 * The command whose signature holds at `now`, or why it does not count. Total: anything may come in. Whether it is for
 * this release and this gate is for the caller to see.
 */
export function verifySigned(
  signed: SignedCommand,
  keys: readonly VerifyKey[],
  now: Date,
): Command | Unverified {
  try {
    return check(signed, keys, now);
  } catch {
    return { refused: 'its signature could not be read' };
  }
}

function check(signed: SignedCommand, keys: readonly VerifyKey[], now: Date): Command | Unverified {
  const { signed: text, signature: given, keyId } = signed;
  if (typeof text !== 'string' || typeof given !== 'string' || text.length > LONGEST) {
    return { refused: 'its signature could not be read' };
  }
  const key = keys.find((candidate) => candidate.keyId === keyId);
  if (!key) return { refused: 'it is signed with a key that this installation does not know' };
  // A date that cannot be read lets nothing through.
  if (key.notAfter !== undefined && !(Date.parse(key.notAfter) >= now.getTime())) {
    return { refused: `it is signed with the key ${key.keyId}, which counts no more` };
  }
  const signature = Buffer.from(given, 'base64');
  // One signature has one spelling: other base64 of the same bytes is not what the API sent.
  if (signature.length !== 64 || signature.toString('base64') !== given) {
    return { refused: 'its signature does not hold' };
  }
  if (!verify(null, Buffer.from(text), readPublicKey(key.publicKey), signature)) {
    return { refused: 'its signature does not hold' };
  }
  const command: unknown = JSON.parse(text);
  if (!isCommand(command)) return { refused: 'what was signed is not a command' };
  if (!(Date.parse(command.validUntil) >= now.getTime()))
    return { refused: `it expired at ${command.validUntil}`, expired: true };
  if (!(Date.parse(command.issuedAt) <= now.getTime() + CLOCK_SKEW_MS)) {
    return {
      refused: `it is dated ${command.issuedAt}, which has not come yet: compare the clocks of API and workers`,
    };
  }
  return command;
}

/** PEM, or the 32 raw bytes in base64 or base64url. @throws when it is no Ed25519 public key. */
export function readPublicKey(text: string): KeyObject {
  const raw = Buffer.from(text, 'base64url');
  const key = text.includes('-----BEGIN')
    ? createPublicKey(text)
    : createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' });
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('it is no Ed25519 key');
  return key;
}

/** The public half of a private key as base64 of its 32 bytes, as `verify_keys` takes it. */
export function publicKeyOf(privateKey: string): string {
  const jwk = createPublicKey(createPrivateKey(privateKey)).export({ format: 'jwk' });
  return Buffer.from(jwk.x ?? '', 'base64url').toString('base64');
}

const REQUIRED = ['nonce', 'product', 'releaseId', 'person', 'issuedAt', 'validUntil'] as const;
const OPTIONAL = [
  'gate',
  'subject',
  'reason',
  'changelog',
  'notes',
  'delivery',
  'incidentId',
  'incidentKey',
] as const;

function isCommand(value: unknown): value is Command {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const command = value as Record<string, unknown>;
  return (
    REQUIRED.every((key) => typeof command[key] === 'string' && command[key] !== '') &&
    OPTIONAL.every((key) => command[key] === undefined || typeof command[key] === 'string') &&
    COMMAND_NAMES.includes(command['name'] as never) &&
    (command['role'] === undefined || isRoleName(command['role'])) &&
    (command['severity'] === undefined || SEVERITIES.includes(command['severity'] as never)) &&
    (command['over'] === undefined || command['over'] === true) &&
    (command['extendMs'] === undefined ||
      (typeof command['extendMs'] === 'number' && command['extendMs'] > 0))
  );
}

function isRoleName(value: unknown): boolean {
  return typeof value === 'string' && ROLE_NAME.test(value);
}
