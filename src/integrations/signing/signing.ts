import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { VerifyKey } from '../../config/installation.ts';
import type { Command, SignedCommand } from '../../contracts/commands.ts';
import { COMMAND_NAMES } from '../../contracts/commands.ts';

/** Signs a command with an Ed25519 private key (PEM, PKCS #8). */
export function signCommand(command: Command, key: { keyId: string; privateKey: string }): SignedCommand {
  const signed = JSON.stringify(command);
  const signature = sign(null, Buffer.from(signed), createPrivateKey(key.privateKey)).toString('base64');
  return { signed, keyId: key.keyId, signature };
}

/** The command whose signature holds at `now`, or why it does not count. Total: anything may come in. */
export function verifySigned(
  signed: SignedCommand,
  keys: readonly VerifyKey[],
  now: Date,
): Command | { refused: string } {
  try {
    const key = keys.find((candidate) => candidate.keyId === signed.keyId);
    if (!key) return { refused: 'it is signed with a key that this installation does not know' };
    if (key.notAfter !== undefined && Date.parse(key.notAfter) < now.getTime()) {
      return { refused: `it is signed with the key ${key.keyId}, which counts no more` };
    }
    const bytes = Buffer.from(signed.signed);
    if (!verify(null, bytes, readPublicKey(key.publicKey), Buffer.from(signed.signature, 'base64'))) {
      return { refused: 'its signature does not hold' };
    }
    const command: unknown = JSON.parse(signed.signed);
    if (!isCommand(command)) return { refused: 'what was signed is not a command' };
    if (!(Date.parse(command.validUntil) >= now.getTime())) {
      return { refused: `it expired at ${command.validUntil}` };
    }
    return command;
  } catch {
    return { refused: 'its signature could not be read' };
  }
}

function readPublicKey(text: string): KeyObject {
  if (text.includes('-----BEGIN')) return createPublicKey(text);
  const raw = Buffer.from(text, 'base64url');
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
    format: 'jwk',
  });
}

function isCommand(value: unknown): value is Command {
  if (value === null || typeof value !== 'object') return false;
  const command = value as Record<string, unknown>;
  const texts = ['nonce', 'name', 'product', 'releaseId', 'person', 'issuedAt', 'validUntil'];
  return (
    texts.every((key) => typeof command[key] === 'string') && COMMAND_NAMES.includes(command['name'] as never)
  );
}
