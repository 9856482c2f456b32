import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { findFreePort } from '../network/free-port.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** A real container registry (Debian's `docker-registry`) over plain HTTP. */
export interface DockerRegistry extends ServerProcess {
  /** `http://127.0.0.1:PORT/`. */
  url: string;
  /** `127.0.0.1:PORT`, the first part of a repository's name. */
  host: string;
  port: number;
}

const PROGRAM = ['/usr/bin/docker-registry', '/usr/local/bin/docker-registry'].find((path) =>
  existsSync(path),
);

/** Whether it is installed; without it, its tests skip (and fail where `CI=true`). */
export const dockerRegistryInstalled = PROGRAM !== undefined || process.env['CI'] === 'true';

/** The login of a registry that is started with `auth: 'basic'`. */
export const REGISTRY_LOGIN = { username: 'releaser', password: 'right-password' };

// bcrypt of the password above; `htpasswd` is not needed to start a registry.
const HTPASSWD = 'releaser:$2a$04$abcdefghijklmnopqrstuuS80hwFD6gSIL20SCUGvmL7S939BjOHW\n';

/** A token service that the registry trusts: where it is, and the certificate (PEM) of its signing key. */
export interface TokenService {
  realm: string;
  certificate: string;
}

/** Starts one; open to everybody, with a login, or with tokens of a service. */
export async function startDockerRegistry(
  options: { auth?: 'basic' | TokenService } = {},
): Promise<DockerRegistry> {
  if (!PROGRAM) throw new Error('docker-registry is not installed: apt-get install -y docker-registry');
  const port = await findFreePort();
  const host = `127.0.0.1:${port}`;
  const url = `http://${host}/`;
  const running = await startServerProcess({
    name: 'docker-registry',
    prepare: async (folder) => {
      await mkdir(`${folder}/data`);
      await writeFile(`${folder}/htpasswd`, HTPASSWD);
      const service = typeof options.auth === 'object' ? options.auth : undefined;
      if (service) await writeFile(`${folder}/issuer.pem`, service.certificate);
      const basic = { htpasswd: { realm: 'test', path: `${folder}/htpasswd` } };
      const token = service && {
        token: {
          realm: service.realm,
          service: 'registry',
          issuer: 'issuer',
          rootcertbundle: `${folder}/issuer.pem`,
        },
      };
      const config = {
        version: 0.1,
        log: { level: 'warn', accesslog: { disabled: true } },
        storage: { filesystem: { rootdirectory: `${folder}/data` } },
        http: { addr: host, secret: 'for-tests' },
        ...(options.auth ? { auth: options.auth === 'basic' ? basic : token } : {}),
      };
      // JSON is YAML, and the registry reads YAML.
      await writeFile(`${folder}/config.yml`, JSON.stringify(config));
      return { command: PROGRAM, args: ['serve', `${folder}/config.yml`] };
    },
    isReady: async () => [200, 401].includes((await fetch(`${url}v2/`)).status),
  });
  return { ...running, url, host, port };
}
