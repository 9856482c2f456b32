import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Installation, TemporalSettings } from '../../src/config/installation.ts';
import { readEndpoint } from '../../src/temporal/installation-client.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windlass-endpoint-'));
});

afterEach(() => rm(folder, { recursive: true }));

function access(temporal: Partial<TemporalSettings>, readers: ('workflow' | 'api')[] = ['workflow']) {
  const installation = {
    file: join(folder, 'windlass.yaml'),
    temporal: { address: 'temporal.test:7233', namespace: 'releases', ...temporal },
    secrets: {
      client_key: { source: { file: join(folder, 'client.key') }, readers },
      api_key: { source: { env: 'CLOUD_KEY' }, readers },
    },
  } as unknown as Installation;
  return { installation, role: 'workflow' as const, environment: { CLOUD_KEY: 'cloud-key\n' } };
}

describe('the endpoint of an installation', () => {
  test('is plain where no TLS is configured, and takes an API key from where the secret is', async () => {
    expect(await readEndpoint(access({ apiKey: 'api_key' }))).toEqual({
      address: 'temporal.test:7233',
      namespace: 'releases',
      apiKey: 'cloud-key',
    });
  });

  test('has the system’s authorities for bare TLS, and certificates as they are in the files', async () => {
    expect(await readEndpoint(access({ tls: {} }))).toMatchObject({ tls: true });
    await writeFile(join(folder, 'ca.pem'), 'the authority');
    await writeFile(join(folder, 'client.pem'), 'the certificate');
    await writeFile(join(folder, 'client.key'), 'the key\n');
    const { tls } = await readEndpoint(
      access({
        tls: {
          serverName: 'inside.test',
          caFile: join(folder, 'ca.pem'),
          certificateFile: join(folder, 'client.pem'),
          key: 'client_key',
        },
      }),
    );
    expect(tls).toEqual({
      serverNameOverride: 'inside.test',
      serverRootCACertificate: Buffer.from('the authority'),
      clientCertPair: { crt: Buffer.from('the certificate'), key: Buffer.from('the key') },
    });
  });

  test('is refused in a sentence: half a pair, a missing file, a secret of another role, no address', async () => {
    const certificateFile = join(folder, 'client.pem');
    await expect(readEndpoint(access({ tls: { certificateFile } }))).rejects.toThrow(
      /only one of them is set/,
    );
    await expect(readEndpoint(access({ tls: { caFile: certificateFile } }))).rejects.toThrow(
      /client\.pem for Temporal cannot be read \(ENOENT\)\. Nothing was changed/,
    );
    await expect(readEndpoint(access({ apiKey: 'api_key' }, ['api']))).rejects.toThrow(
      /role "workflow" may not read it/,
    );
    const { address: _gone, ...rest } = access({}).installation.temporal;
    const without = access({});
    without.installation.temporal = rest;
    await expect(readEndpoint(without)).rejects.toThrow(
      /temporal\.address in .*windlass\.yaml.*TEMPORAL_ADDRESS/,
    );
  });
});
