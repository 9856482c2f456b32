import { unwatchFile, watchFile } from 'node:fs';
import { type ConfigDifference, compareFiles } from '../../config/compare-files.ts';
import { type Installation, isConfigMistakes } from '../../config/installation.ts';
import { loadUsable } from '../../config/load.ts';
import { type ConfigMistake, describeMistakes } from '../../config/mistakes/mistake.ts';
import { readYaml } from '../../config/read-yaml.ts';
import type { CliContext } from '../line/context.ts';
import type { DevelopmentKeys } from './development-keys.ts';

/** How often the file is looked at: polling also sees editors that put another file in its place. */
const LOOK_MS = 1_000;

/** `name`: the command that runs, as in `windlass dev`. `complete` fills in development keys. */
export interface FollowSetUp {
  name?: string;
  complete?: (written: Installation) => Promise<DevelopmentKeys>;
}

/**
 * Takes up edits of the configuration file while everything runs: the same object, which workers and API share, says
 * from then on what the file says. A file with mistakes changes nothing, and they are told; where they are one
 * product's, that one is `stopped`, what is in flight of it goes on as before the edit, and the rest is taken up.
 * Returns the end of it.
 */
export function followEdits(
  installation: Installation,
  context: Pick<CliContext, 'environment' | 'write' | 'writeError'>,
  { complete = keepAsWritten, name = 'windlass dev' }: FollowSetUp = {},
): () => Promise<void> {
  const { file } = installation;
  let known = readData(file);
  let taking = Promise.resolve();
  let isBroken = false;
  const takeUp = async (): Promise<void> => {
    const loaded = loadUsable({ file, environment: context.environment });
    if (isConfigMistakes(loaded)) {
      isBroken = true;
      context.writeError(
        `${file} was edited and cannot be used: everything goes on as before the edit.\n\n${describeMistakes(loaded)}\n`,
      );
      return;
    }
    const stopped = loaded.stopped ?? {};
    const data = keepSections(readData(file), known, Object.keys(stopped));
    const isSame = JSON.stringify(data) === JSON.stringify(known);
    const wasStopped = Object.keys(installation.stopped ?? {});
    if (isSame && isBroken) context.write(`${file} is in order again, and says what it said before.\n`);
    isBroken = Object.keys(stopped).length > 0;
    if (isSame && wasStopped.length === 0 && !isBroken) return;
    const { installation: now, tokens } = await complete(loaded);
    // What is in flight of a product that was edited into a mistake has something to go on by.
    const kept = Object.entries(installation.products).filter(([product]) => Object.hasOwn(stopped, product));
    replace(installation, { ...now, products: { ...now.products, ...Object.fromEntries(kept) } });
    for (const [product, mistakes] of Object.entries(stopped))
      context.writeError(describeStopped(file, product, mistakes));
    for (const product of wasStopped)
      if (!Object.hasOwn(stopped, product)) context.write(`${product} goes on: ${file} is in order again.\n`);
    context.write(describeDifference(file, compareFiles(known, data), name));
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
  // What was edited before the first look of the watch.
  look();
  watchFile(file, { interval: LOOK_MS, persistent: false }, look);
  return async () => {
    unwatchFile(file, look);
    await taking;
  };
}

const keepAsWritten = async (installation: Installation): Promise<DevelopmentKeys> => ({
  installation,
  tokens: [],
});

function describeStopped(file: string, product: string, mistakes: ConfigMistake[]): string {
  return (
    `${file} was edited, and what it says of ${product} cannot be used: nothing new of ${product} begins, and of what is ` +
    `in flight everything goes on as before the edit.\n\n${describeMistakes({ file, mistakes })}\n`
  );
}

/** A file's data as it is gone by: of products that are stopped, what it said before. */
function keepSections(data: unknown, known: unknown, stopped: string[]): unknown {
  if (stopped.length === 0) return data;
  const { products, ...shared } = data as { products: Record<string, unknown> };
  const before = (known as { products?: Record<string, unknown> } | undefined)?.products ?? {};
  const kept = Object.entries(products).flatMap(([name, section]) => {
    if (!stopped.includes(name)) return [[name, section]];
    return Object.hasOwn(before, name) ? [[name, before[name]]] : [];
  });
  return { ...shared, products: Object.fromEntries(kept) };
}

/** What was changed, for whom, and from when it counts. */
function describeDifference(
  file: string,
  { products, shared, onlyAtStart }: ConfigDifference,
  command: string,
): string {
  const lines = [
    ...products.map(({ name, change, keys }) => {
      if (change === 'new') return `${name}: a new product`;
      if (change === 'gone') return `${name}: is gone; what is in flight of it waits until it is back`;
      return `${name}: ${keys.join(', ')}`;
    }),
    ...(shared.length === 0 ? [] : [`for all products: ${shared.join(', ')}`]),
    ...(onlyAtStart.length === 0 ? [] : [`from the next start of ${command}: ${onlyAtStart.join(', ')}`]),
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
