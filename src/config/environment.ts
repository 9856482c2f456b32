/**
 * The only place of the program that reads the process's environment. Everything else takes what it needs as
 * an argument, so that a test never has to change a global.
 */
import { parseDuration } from '../release/duration.ts';

/** The variables that Windlass itself understands, by what they mean. An empty variable counts as absent. */
export interface EnvironmentValues {
  /** `WINDLASS_CONFIG`: the configuration file, unless `--config` says otherwise. */
  configFile?: string;
  /** `WINDLASS_API`: address of the HTTP API that the command line talks to. */
  apiUrl?: string;
  /** `WINDLASS_COMPLETION_TIMEOUT`: how long the shell waits for names at a press of the key, as in `5s`; milliseconds. */
  completionTimeoutMs?: number;
  /** `WINDLASS_GIT_TOKEN`: for the audit of a private repository's tag. A secret. */
  gitToken?: string;
  /** `WINDLASS_TOKEN`: the bearer token of the person at the command line. A secret. */
  token?: string;
  /** `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`: win over the configuration file. */
  temporalAddress?: string;
  temporalNamespace?: string;
  /** `TEMPORAL_CLI_PATH`: a `temporal` program to start a local server with. */
  temporalCliPath?: string;
  /** Whether `TEMPORAL_API_KEY` is set; its value is read as a secret, see `readSecret`. */
  hasTemporalApiKey: boolean;
  /** `TEMPORAL_TLS` (true or false) and Temporal's own four variables for files and the server's name. */
  temporalTls?: boolean;
  temporalTlsServerName?: string;
  temporalTlsCaFile?: string;
  temporalTlsCertificateFile?: string;
  temporalTlsKeyFile?: string;
  /** Where what may be built again is kept: `$XDG_CACHE_HOME/windlass`, else `~/.cache/windlass`. */
  cacheFolder?: string;
  home?: string;
  path: string;
  /** Whether this runs unattended (`CI` is set to something other than `false` or `0`). */
  isCi: boolean;
  /** Whether colours are unwanted (`NO_COLOR` is set and not empty; see no-color.org). */
  noColor: boolean;
}

/** The environment of this process, for the few callers at the program's edge. */
export function currentEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/** Gives the environment's variables their types and meanings. Reads nothing but its argument. */
export function readEnvironment(environment: NodeJS.ProcessEnv): EnvironmentValues {
  const home = text(environment['HOME']);
  const cacheHome = absolute(text(environment['XDG_CACHE_HOME'])) ?? (home && `${home}/.cache`);
  return {
    ...present('configFile', text(environment['WINDLASS_CONFIG'])),
    ...present('apiUrl', text(environment['WINDLASS_API'])),
    ...present('completionTimeoutMs', parseDuration(environment['WINDLASS_COMPLETION_TIMEOUT'] ?? '')),
    ...present('gitToken', text(environment['WINDLASS_GIT_TOKEN'])),
    ...present('token', text(environment['WINDLASS_TOKEN'])),
    ...present('temporalAddress', text(environment['TEMPORAL_ADDRESS'])),
    ...present('temporalNamespace', text(environment['TEMPORAL_NAMESPACE'])),
    ...present('temporalCliPath', text(environment['TEMPORAL_CLI_PATH'])),
    hasTemporalApiKey: text(environment['TEMPORAL_API_KEY']) !== undefined,
    ...present('temporalTls', toSwitch(text(environment['TEMPORAL_TLS']))),
    ...present('temporalTlsServerName', text(environment['TEMPORAL_TLS_SERVER_NAME'])),
    ...present('temporalTlsCaFile', text(environment['TEMPORAL_TLS_SERVER_CA_CERT_PATH'])),
    ...present('temporalTlsCertificateFile', text(environment['TEMPORAL_TLS_CLIENT_CERT_PATH'])),
    ...present('temporalTlsKeyFile', text(environment['TEMPORAL_TLS_CLIENT_KEY_PATH'])),
    ...present('cacheFolder', cacheHome === undefined ? undefined : `${cacheHome}/windlass`),
    ...present('home', home),
    path: environment['PATH'] ?? '',
    isCi: toSwitch(text(environment['CI'])) ?? text(environment['CI']) !== undefined,
    noColor: text(environment['NO_COLOR']) !== undefined,
  };
}

function text(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}

/** The XDG specification: a relative path there is to be ignored. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith('/') ? path : undefined;
}

function toSwitch(value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (/^(true|1|yes)$/i.test(value)) return true;
  if (/^(false|0|no)$/i.test(value)) return false;
  return undefined;
}

/** An optional property that is left out, not set to `undefined`. */
function present<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}
