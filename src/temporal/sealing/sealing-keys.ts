/** The keys that seal payloads, read as the process that asks may read them. */
import type { Installation, SecretReader } from '../../config/installation.ts';
import { readSecret } from '../../config/secrets.ts';
import { TemporalProblem } from '../temporal-problem.ts';

export interface SealingKeys {
  /** The key that seals: the first of the configuration. */
  sealing: { keyId: string; key: Buffer };
  /** Every key that opens, by id: the old ones stay until what they sealed is over. */
  opening: ReadonlyMap<string, Buffer>;
}

const KEY_BYTES = 32;

/**
 * The installation's keys for payloads; undefined where it says `sealed_payloads: false`, or names none in development.
 * @throws TemporalProblem where there must be keys and are none, or one has another length than 32 bytes
 * @throws SecretUnavailable
 */
export function readSealingKeys(
  installation: Installation,
  reader: SecretReader,
  environment?: NodeJS.ProcessEnv,
): SealingKeys | undefined {
  const { payloadKeys, sealedPayloads } = installation.temporal;
  if (!sealedPayloads) return undefined;
  const keys = payloadKeys.map(({ keyId, key }) => ({
    keyId,
    key: decodeKey(keyId, readSecret(installation, key, reader, environment), installation.file),
  }));
  const [sealing] = keys;
  if (!sealing) {
    throw new TemporalProblem(
      `${installation.file} names no key that seals what goes through Temporal: whoever reaches the namespace could read ` +
        'and forge it. Nothing was changed. Make one with "windlass keys payload" and name it in temporal.payload_keys; ' +
        'or say temporal.sealed_payloads: false where nobody else reaches the namespace.',
    );
  }
  return { sealing, opening: new Map(keys.map(({ keyId, key }) => [keyId, key])) };
}

function decodeKey(keyId: string, text: string, file: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (key.length === KEY_BYTES) return key;
  throw new TemporalProblem(
    `The payload key "${keyId}" of ${file} has ${key.length} bytes; it must be ${KEY_BYTES} in base64. Nothing was ` +
      'changed. "windlass keys payload" makes one.',
  );
}
