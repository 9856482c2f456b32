import { unwatchFile, watchFile } from 'node:fs';
import { type ConfigDifference, compareFiles } from '../../config/compare-files.ts';
import { type Installation, isConfigMistakes } from '../../config/installation.ts';
import { loadInstallation } from '../../config/load.ts';
import { describeMistakes } from '../../config/mistakes/mistake.ts';
import { readYaml } from '../../config/read-yaml.ts';
import type { CliContext } from '../line/context.ts';
import type { DevelopmentKeys } from './development-keys.ts';

/** How often the file is looked at: polling also sees editors that put another file in its place. */
const LOOK_MS = 1_000;

/**
 * Takes up edits of the configuration file while everything runs: the same object, which workers and API share, says
 * from then on what the file says. A file with mistakes changes nothing, and they are told.
 * `complete` fills in development keys. Returns the end of it.
 */
export function followEdits(
  installation: Installation,
  context: Pick<CliContext, 'environment' | 'write' | 'writeError'>,
  complete: (written: Installation) => Promise<DevelopmentKeys>,
): () => Promise<void> {
  const { file } = installation;
  let known = readData(file);
  let taking = Promise.resolve();
  let isBroken = false;
  const takeUp = async (): Promise<void> => {
    const loaded = loadInstallation({ file, environment: context.environment });
    const data = readData(file);
    if (isConfigMistakes(loaded)) {
      isBroken = true;
      context.writeError(
        `${file} was edited and cannot be used: everything goes on as before the edit.\n\n${describeMistakes(loaded)}\n`,
      );
      return;
    }
    const isSame = JSON.stringify(data) === JSON.stringify(known);
    if (isSame && isBroken) context.write(`${file} is in order again, and says what it said before.\n`);
    isBroken = false;
    if (isSame) return;
    const { installation: now, tokens } = await complete(loaded);
    replace(installation, now);
    context.write(describeDifference(file, compareFiles(known, data)));
    const had = new Set(Object.keys(people(known)));
    for (const { person, file: token } of tokens)
      if (!had.has(person)) context.write(`token     ${person}: --token-file ${token}\n`);
    known = data;
  };
  const look = () => {
    taking = taking.then(takeUp).catch((error: unknown) => {
      context.writeError(`${file} was edited and could not be taken up: ${String(error)}\n`);
    });
  };
  watchFile(file, { interval: LOOK_MS, persistent: false }, look);
  return async () => {
    unwatchFile(file, look);
    await taking;
  };
}

/** What was changed, for whom, and from when it counts. */
function describeDifference(file: string, { products, shared, onlyAtStart }: ConfigDifference): string {
  const lines = [
    ...products.map(({ name, change, keys }) => {
      if (change === 'new') return `${name}: a new product`;
      if (change === 'gone') return `${name}: is gone; what is in flight of it waits until it is back`;
      return `${name}: ${keys.join(', ')}`;
    }),
    ...(shared.length === 0 ? [] : [`for all products: ${shared.join(', ')}`]),
    ...(onlyAtStart.length === 0 ? [] : [`from the next start of windlass dev: ${onlyAtStart.join(', ')}`]),
  ];
  if (lines.length === 0) return '';
  const inFlight = products.some(({ change }) => change === 'changed')
    ? '  A release in flight keeps the plan, policy and environments that it began with; scripts, addresses, secrets,\n  people and the rules that approvals are checked by count at once.\n'
    : '';
  return `${file} was edited, and is taken up:\n${lines.map((line) => `  ${line}\n`).join('')}${inFlight}`;
}

/** Connections, servers and signatures are made of some sections, once; all others are read each time that they are needed. */
function replace(installation: Installation, now: Installation): void {
  const { file, temporal, api, ledger, store, workFolder, workers, webUiUrl } = installation;
  for (const key of Object.keys(installation))
    delete (installation as unknown as Record<string, unknown>)[key];
  // The Web UI of a server that was started here stands in no file.
  const webUi = webUiUrl === undefined ? {} : { webUiUrl };
  Object.assign(installation, webUi, now, { file, temporal, api, ledger, store, workFolder, workers });
}

function readData(file: string): unknown {
  const yaml = readYaml(file);
  return Array.isArray(yaml) ? undefined : yaml.data;
}

function people(data: unknown): object {
  const found = (data as { people?: object } | undefined)?.people;
  return found ?? {};
}
