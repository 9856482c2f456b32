import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../network/free-port.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** A real npm registry without uplinks. */
export interface Verdaccio extends ServerProcess {
  /** `http://127.0.0.1:PORT/`. */
  url: string;
  port: number;
  /** Registers a user and answers their token. */
  addUser(name: string): Promise<string>;
}

const VERDACCIO = fileURLToPath(new URL('../../../node_modules/verdaccio/bin/verdaccio', import.meta.url));

/**
 * Starts verdaccio: everybody reads, logged-in users publish, `@owned/*` belongs to the user `owner` alone.
 *
 * @param options.uplink another registry's address, from which it takes what nobody has published here
 */
export async function startVerdaccio(options: { uplink?: string } = {}): Promise<Verdaccio> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}/`;
  const process_ = await startServerProcess({
    name: 'verdaccio',
    prepare: async (folder) => {
      const config = {
        storage: `${folder}/storage`,
        auth: { htpasswd: { file: `${folder}/htpasswd`, max_users: 100 } },
        uplinks: options.uplink === undefined ? {} : { other: { url: options.uplink, timeout: '60s' } },
        packages: {
          '@owned/*': { access: '$all', publish: 'owner', unpublish: 'owner' },
          // Ours alone, whoever else has the name elsewhere.
          windlass: { access: '$all', publish: '$authenticated', unpublish: '$authenticated' },
          '**': {
            access: '$all',
            publish: '$authenticated',
            unpublish: '$authenticated',
            ...(options.uplink === undefined ? {} : { proxy: 'other' }),
          },
        },
        max_body_size: '50mb',
        web: { enable: false },
        log: { type: 'stdout', format: 'pretty', level: 'warn' },
        // More logins and writes in a minute than a person would ever make.
        userRateLimit: { windowMs: 1000, max: 1000 },
      };
      // JSON is YAML, and verdaccio reads YAML.
      await writeFile(`${folder}/config.yaml`, JSON.stringify(config));
      return {
        command: process.execPath,
        args: [VERDACCIO, '--config', `${folder}/config.yaml`, '--listen', `127.0.0.1:${port}`],
        // Whom this machine trusts, for the way to another registry.
        env: { NODE_EXTRA_CA_CERTS: process.env['NODE_EXTRA_CA_CERTS'] },
      };
    },
    isReady: async () => (await fetch(`${url}-/ping`)).ok,
  });
  return { ...process_, url, port, addUser: (name) => addUser(url, name) };
}

async function addUser(url: string, name: string): Promise<string> {
  const response = await fetch(`${url}-/user/org.couchdb.user:${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password: `password-of-${name}`, type: 'user' }),
  });
  const answer = (await response.json()) as { token?: string; error?: string };
  if (!answer.token) throw new Error(`verdaccio gave no token to ${name}: ${answer.error}`);
  return answer.token;
}
