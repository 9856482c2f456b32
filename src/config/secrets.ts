/** Reads secrets, each only for the processes that the configuration allows it to. */
import { readFileSync } from 'node:fs';
import type { SecretName } from '../release/settings.ts';
import { currentEnvironment } from './environment.ts';
import type { Installation, SecretReader } from './installation.ts';

/** More than any key or token; keeps a wrong path from being read into memory and into a header. */
const MAX_LENGTH = 64 * 1024;

/** A secret could not be read. The message is for people: it says which one, why, and what to do. */
export interface SecretUnavailable extends Error {
  name: 'SecretUnavailable';
  secret: SecretName;
}

/** Tells this module's own error from any other. */
export function isSecretUnavailable(error: unknown): error is SecretUnavailable {
  return error instanceof Error && error.name === 'SecretUnavailable';
}

function unavailable(secret: SecretName, why: string): SecretUnavailable {
  const error = new Error(`The secret "${secret}" cannot be read: ${why}`) as SecretUnavailable;
  error.name = 'SecretUnavailable';
  error.secret = secret;
  return error;
}

/**
 * The value of a secret, for a process of the given role; without the newline that editors put at a file's end.
 * It is read anew each time, so that a rotated secret is found without a restart. Throws `SecretUnavailable`
 * if it is not declared, this role may not read it, or there is nothing where it should be.
 */
export function readSecret(
  installation: Pick<Installation, 'file' | 'secrets'>,
  name: SecretName,
  role: SecretReader,
  environment: NodeJS.ProcessEnv = currentEnvironment(),
): string {
  const secret = Object.hasOwn(installation.secrets, name) ? installation.secrets[name] : undefined;
  if (secret === undefined)
    throw unavailable(name, `${installation.file} does not declare it under \`secrets\`.`);
  if (!secret.readers.includes(role)) {
    const allowed = secret.readers.length === 0 ? 'nobody' : secret.readers.join(', ');
    throw unavailable(
      name,
      `role "${role}" may not read it (${allowed} may). Add the role to \`secrets.${name}.roles\` in ${installation.file} if it should.`,
    );
  }
  const value =
    'env' in secret.source ? environment[secret.source.env] : readSecretFile(name, secret.source.file);
  const where = 'env' in secret.source ? `the variable ${secret.source.env}` : secret.source.file;
  const trimmed = value?.replace(/\r?\n$/, '');
  if (trimmed === undefined || trimmed === '') throw unavailable(name, `${where} is not set or empty.`);
  if (trimmed.length > MAX_LENGTH) throw unavailable(name, `${where} holds more than 64 KiB.`);
  return trimmed;
}

/** Every file in which a secret lies, whoever may read it. */
export function listSecretFiles({ secrets }: Pick<Installation, 'secrets'>): string[] {
  return Object.values(secrets).flatMap(({ source }) => ('env' in source ? [] : [source.file]));
}

function readSecretFile(name: SecretName, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw unavailable(name, code === 'ENOENT' ? `there is no file ${file}.` : `${file}: ${code}.`);
  }
}
