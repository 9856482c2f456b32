import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readEnvironment } from '../config/environment.ts';
import { printable } from '../release/plan/printable.ts';
import type { ApiClient } from './api-client.ts';
import { openApi } from './api-client.ts';
import { CliProblem, misuse } from './line/cli-problem.ts';
import type { CliContext } from './line/context.ts';

/** Options of every command that speaks to the API. */
export const API_OPTIONS = ['api', 'token-file', 'config'] as const;

export const API_HELP = `  --api URL            the API's address; else WINDLASS_API, else api.url of the configuration
  --token-file FILE    file with your bearer token; else WINDLASS_TOKEN
  --config FILE        the configuration that names the API, when neither of the others does
`;

const LONGEST_TOKEN = 16_384;

/**
 * A client of the API that the options, the environment or the configuration name, in this order.
 *
 * @param timeoutMs how long one answer may take, where that is not the client's own limit
 * @throws CliProblem when none does, the address is none, or the token cannot be read.
 */
export async function findApi(
  options: Partial<Record<(typeof API_OPTIONS)[number], string>>,
  context: CliContext,
  timeoutMs?: number,
): Promise<ApiClient> {
  const { apiUrl, token } = readEnvironment(context.environment);
  const file = options['token-file'];
  const given = file === undefined ? token : readTokenFile(resolve(context.folder, file));
  const written = options.api ?? apiUrl ?? (await readConfiguredUrl(options.config, context));
  const address = checkAddress(
    written,
    options.api === undefined && apiUrl !== undefined ? 'WINDLASS_API' : '--api',
  );
  return openApi({
    address,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(given === undefined ? {} : { token: checkToken(given) }),
  });
}

async function readConfiguredUrl(asked: string | undefined, context: CliContext): Promise<string> {
  // zod and yaml are only loaded where the configuration is really needed.
  const [{ findConfigFile }, { existsSync }] = await Promise.all([
    import('../config/load.ts'),
    import('node:fs'),
  ]);
  const file = findConfigFile(asked, context.environment, context.folder);
  if (asked === undefined && !existsSync(file)) {
    throw misuse(
      'no address of an API is known.',
      'Give it by --api URL or WINDLASS_API, or run this where a windlass.yaml is found (--config FILE).',
    );
  }
  const { readInstallation } = await import('./read-installation.ts');
  return readInstallation(asked, context).api.url;
}

function checkAddress(written: string, source: string): string {
  let url: URL;
  try {
    url = new URL(written);
  } catch {
    throw misuse(
      `${source} is not an address: "${printable(written.slice(0, 100))}".`,
      'Such as http://127.0.0.1:8080',
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw misuse(`${source} must begin with http:// or https://.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw misuse(
      `${source} must not hold a user or password; the token goes into WINDLASS_TOKEN or --token-file.`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function readTokenFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new CliProblem(`the token file ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** Never shown, not even when it is wrong. */
function checkToken(token: string): string {
  if (token === '' || token.length > LONGEST_TOKEN || !/^[\x21-\x7e]+$/.test(token)) {
    throw misuse('the token is empty, too long, or holds spaces or control characters.');
  }
  return token;
}
