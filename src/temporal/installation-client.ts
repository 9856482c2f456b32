import { readFile } from 'node:fs/promises';
import type { NativeConnection } from '@temporalio/worker';
import type { Installation, SecretReader } from '../config/installation.ts';
import { readSecret } from '../config/secrets.ts';
import type { ConnectedClient, TemporalEndpoint, TlsSettings } from './connection.ts';
import { connectClient, connectWorker } from './connection.ts';
import { createDataConverter } from './data-converter.ts';
import { readSealingKeys } from './sealing/sealing-keys.ts';
import { TemporalProblem } from './temporal-problem.ts';

export interface InstallationAccess {
  installation: Installation;
  /** Which process this is; it gets only the secrets that this reader may have. */
  role: SecretReader;
  environment: NodeJS.ProcessEnv;
}

/**
 * Where an installation's Temporal server is, with certificates and keys read.
 * @throws TemporalProblem when no address is configured or a certificate cannot be read; SecretUnavailable.
 */
export async function readEndpoint({
  installation,
  role,
  environment,
}: InstallationAccess): Promise<TemporalEndpoint> {
  const { address, namespace, apiKey } = installation.temporal;
  if (address === undefined) {
    throw new TemporalProblem(
      `No address of a Temporal server is configured. Nothing was changed. Set temporal.address in ` +
        `${installation.file}, or the variable TEMPORAL_ADDRESS; "windlass dev" starts a server of its own.`,
    );
  }
  const tls = await readTls(installation, (name) => readSecret(installation, name, role, environment));
  return {
    address,
    namespace,
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey: readSecret(installation, apiKey, role, environment) }),
  };
}

/** A client of the installation's Temporal server, with the project's data converter. Errors as `connectClient`. */
export async function connectInstallation(access: InstallationAccess): Promise<ConnectedClient> {
  const endpoint = await readEndpoint(access);
  const sealing = readSealingKeys(access.installation, access.role, access.environment);
  return await connectClient({ ...endpoint, dataConverter: createDataConverter(sealing) });
}

/** The connection for the workers of a process. Errors as `connectWorker`. */
export async function connectInstallationWorker(access: InstallationAccess): Promise<NativeConnection> {
  return await connectWorker(await readEndpoint(access));
}

async function readTls(
  installation: Installation,
  secret: (name: string) => string,
): Promise<TlsSettings | true | undefined> {
  const { tls } = installation.temporal;
  if (tls === undefined) return undefined;
  if ((tls.certificateFile === undefined) !== (tls.key === undefined)) {
    throw new TemporalProblem(
      `A client certificate for Temporal needs both temporal.tls.certificate_file and temporal.tls.key in ` +
        `${installation.file}; only one of them is set. Nothing was changed.`,
    );
  }
  const settings: TlsSettings = {
    ...(tls.serverName === undefined ? {} : { serverNameOverride: tls.serverName }),
    ...(tls.caFile === undefined ? {} : { serverRootCACertificate: await readCertificate(tls.caFile) }),
    ...(tls.certificateFile === undefined || tls.key === undefined
      ? {}
      : {
          clientCertPair: {
            crt: await readCertificate(tls.certificateFile),
            key: Buffer.from(secret(tls.key)),
          },
        }),
  };
  return Object.keys(settings).length === 0 ? true : settings;
}

async function readCertificate(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new TemporalProblem(
      `The certificate ${file} for Temporal cannot be read (${reason}). Nothing was changed. Look at temporal.tls ` +
        'in the configuration.',
      { cause: error },
    );
  }
}
