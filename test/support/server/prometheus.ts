import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { findFreePort } from '../network/free-port.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

export interface Prometheus extends ServerProcess {
  /** `http://127.0.0.1:PORT`. */
  url: string;
}

const PROGRAM = ['/usr/bin/prometheus', '/usr/local/bin/prometheus'].find((path) => existsSync(path));

/** Whether Debian's `prometheus` is installed; without it, its tests skip (and fail where `CI=true`). */
export const prometheusInstalled = PROGRAM !== undefined || process.env['CI'] === 'true';

/** Starts a Prometheus that scrapes the given `host:port` targets every second. */
export async function startPrometheus(options: { targets: string[] }): Promise<Prometheus> {
  if (!PROGRAM) throw new Error('prometheus is not installed: apt-get install -y prometheus');
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const running = await startServerProcess({
    name: 'prometheus',
    prepare: async (folder) => {
      const config = {
        global: { scrape_interval: '1s', scrape_timeout: '1s' },
        scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: options.targets }] }],
      };
      await writeFile(`${folder}/prometheus.yml`, JSON.stringify(config));
      return {
        command: PROGRAM,
        args: [
          `--config.file=${folder}/prometheus.yml`,
          `--storage.tsdb.path=${folder}/data`,
          `--web.listen-address=127.0.0.1:${port}`,
          '--log.level=warn',
        ],
      };
    },
    isReady: async () => (await fetch(`${url}/-/ready`)).ok,
  });
  return { ...running, url };
}
