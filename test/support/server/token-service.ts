import { execFile } from 'node:child_process';
import { createPrivateKey, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SignJWT } from 'jose';
import { type HttpRecorder, startHttpRecorder } from '../network/http-recorder.ts';
import type { TokenService } from './docker-registry.ts';

/** A token service such as Docker Hub's and GitHub's, for one login. */
export interface RunningTokenService extends TokenService {
  /** What was asked of it. */
  recorder: HttpRecorder;
  stop(): Promise<void>;
}

/** Starts a service that signs a registry's tokens (pull and push) for who logs in right. */
export async function startTokenService(login: {
  username: string;
  password: string;
}): Promise<RunningTokenService> {
  const folder = await mkdtemp(join(tmpdir(), 'windlass-token-service-'));
  const files = { key: join(folder, 'key.pem'), certificate: join(folder, 'certificate.pem') };
  const subject = ['-subj', '/CN=issuer', '-days', '30', '-nodes'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    ...curve,
    ...subject,
    '-keyout',
    files.key,
    '-out',
    files.certificate,
  ]);
  const key = createPrivateKey(await readFile(files.key));
  const certificate = await readFile(files.certificate, 'utf8');
  await rm(folder, { recursive: true });
  const chain = certificate.replace(/-----[^-]+-----|\s/g, '');
  const tokens = new Map<string, string>();
  for (const repository of ['team/shop', 'team/other']) {
    const access = [{ type: 'repository', name: repository, actions: ['pull', 'push'] }];
    const token = new SignJWT({ access, jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', x5c: [chain] })
      .setIssuer('issuer')
      .setAudience('registry')
      .setSubject(login.username)
      .setNotBefore(Math.floor(Date.now() / 1000) - 60)
      .setIssuedAt()
      .setExpirationTime('10m');
    tokens.set(`repository:${repository}:pull,push`, await token.sign(key));
  }
  const expected = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const recorder = await startHttpRecorder(({ path, headers }) => {
    const token = tokens.get(new URL(path, 'http://x').searchParams.get('scope') ?? '');
    if (headers.authorization !== expected || !token) return { status: 401, body: '{}' };
    return { status: 200, body: JSON.stringify({ token }), headers: { 'content-type': 'application/json' } };
  });
  return { realm: `${recorder.url}token`, certificate, recorder, stop: recorder.stop };
}
