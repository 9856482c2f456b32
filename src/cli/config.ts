/** `windlass config`: checks the configuration, prints its schema, writes one to start from. */
import { writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { type Installation, isConfigMistakes } from '../config/installation.ts';
import { generateJsonSchema } from '../config/json-schema.ts';
import { findConfigFile, loadInstallation, loadUsable } from '../config/load.ts';
import type { ConfigMistake } from '../config/mistakes/mistake.ts';
import { describeMistake, describeMistakes } from '../config/mistakes/mistake.ts';
import { renderReference } from '../config/reference.ts';
import { STARTER_FILE } from '../config/starter.ts';
import { findRepositoryAbove, findStrayAbove } from '../integrations/process/isolation.ts';
import { printable } from '../release/plan/printable.ts';
import { misuse } from './line/cli-problem.ts';
import { type CliContext, processContext } from './line/context.ts';
import { readLine } from './line/read-line.ts';

const HELP = `Usage: windlass config <command>

  check [--config FILE] [--json] [--live]
                                   Report every mistake of the configuration at once, and try
                                   the version files of repositories on this machine. --live looks
                                   at every metric check once, from here: its value, its verdict,
                                   and what would make it fail
  init [--config FILE]             Write a commented configuration to start from; never overwrites
  schema                           Print the JSON Schema, for completion in editors
  reference                        Print every key with default and meaning, as Markdown

FILE is, if not given: WINDLASS_CONFIG, else windlass.yaml in this folder or the nearest one above it.
Exit codes: 0 done, 1 the configuration has mistakes or could not be written, 2 wrong use.
`;

/** `windlass config …`. */
export async function runConfig(argv: string[], context: CliContext = processContext()): Promise<number> {
  const [verb, ...rest] = argv;
  if (verb === '--help' || verb === '-h' || verb === 'help') {
    context.write(HELP);
    return 0;
  }
  const found = verb !== undefined && Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (!found) {
    throw misuse(
      verb === undefined ? 'config needs a command.' : `there is no config command "${verb}".`,
      `\n${HELP}`,
    );
  }
  const { run, ...takes } = found;
  const read = readLine(rest, context, HELP, { command: `config ${verb}`, ...takes, hint: `\n${HELP}` });
  if (!read) return 0;
  const { json, live } = read.switches;
  return await run({ config: read.options.config, json, live }, context);
}

interface Options {
  config: string | undefined;
  json: boolean;
  live: boolean;
}

interface Verb {
  options?: readonly 'config'[];
  switches?: readonly ('json' | 'live')[];
  run(options: Options, context: CliContext): number | Promise<number>;
}

const VERBS: Readonly<Record<string, Verb>> = {
  check: { options: ['config'], switches: ['json', 'live'], run: checkConfig },
  init: { options: ['config'], run: initConfig },
  schema: { run: (_, context) => print(`${JSON.stringify(generateJsonSchema(), null, 2)}\n`, context) },
  reference: { run: (_, context) => print(renderReference(), context) },
};

function print(text: string, context: CliContext): number {
  context.write(text);
  return 0;
}

async function checkConfig(options: Options, context: CliContext): Promise<number> {
  const file = findConfigFile(options.config, context.environment, context.folder);
  const loaded = loadInstallation({ file, environment: context.environment });
  const looks = isConfigMistakes(loaded) ? [] : await lookAtProducts(loaded, context);
  const ofFolder = isConfigMistakes(loaded) ? { mistakes: [], warned: [] } : checkWorkFolder(loaded);
  const ofRepositories = looks.flatMap(({ mistakes }) => mistakes);
  const mistakes = isConfigMistakes(loaded) ? loaded.mistakes : [...ofFolder.mistakes, ...ofRepositories];
  const warnings = [...loaded.warnings, ...ofFolder.warned, ...looks.flatMap(({ warned }) => warned)];
  const { listDemands, lookLive } = await import('./checks.ts');
  const list = async (installation: Installation) =>
    options.live && mistakes.length === 0 ? await lookLive(installation) : listDemands(installation);
  if (options.json) {
    const looked = Object.fromEntries(looks.map(({ name, looked }) => [name, looked]));
    const checks = isConfigMistakes(loaded) ? [] : await list(loaded);
    const answer = { file, ok: mistakes.length === 0, mistakes, warnings, looked, checks };
    context.write(`${JSON.stringify(answer, null, 2)}\n`);
    return mistakes.length === 0 ? 0 : 1;
  }
  const shown = showFile(file, context);
  if (isConfigMistakes(loaded) || mistakes.length > 0) {
    context.writeError(`${describeMistakes({ file: shown, mistakes })}\n\n${sayWhatStops(file, context)}\n`);
    return 1;
  }
  const products = Object.keys(loaded.products);
  const people = loaded.people.length;
  const summary = `${shown} is right: ${products.length} ${products.length === 1 ? 'product' : 'products'}`;
  const names = products.length === 0 ? '' : ` (${products.join(', ')})`;
  context.write(`${summary}${names}, ${people} ${people === 1 ? 'person' : 'people'}.\n`);
  context.write(looks.map(({ name, looked }) => `${name}: ${printable(looked)}.\n`).join(''));
  context.write(
    (await list(loaded))
      .map((one) => `${one.place}: ${one.found === undefined ? '' : `${one.found}. It is `}${one.demand}.\n`)
      .join(''),
  );
  context.write(describeWarnings(shown, warnings));
  return 0;
}

/** Whom the mistakes stop: one product's own, that product; others, every process that starts. */
function sayWhatStops(file: string, { environment }: CliContext): string {
  const usable = loadUsable({ file, environment });
  if (isConfigMistakes(usable) || usable.stopped === undefined) return 'Nothing was changed.';
  const stopped = Object.keys(usable.stopped).join(', ');
  return `Processes that read this stop ${stopped}; ${Object.keys(usable.products).join(', ')} would go on. Nothing was changed.`;
}

/** What a worker would refuse at its start, and what a tool that runs there might find besides its checkout. */
function checkWorkFolder({ workFolder }: Installation): {
  mistakes: ConfigMistake[];
  warned: ConfigMistake[];
} {
  const about = (expected: string, found: string | undefined): ConfigMistake[] =>
    found === undefined ? [] : [{ path: 'work_folder', expected, found: `${found} above ${workFolder}` }];
  return {
    mistakes: about(
      'a folder outside of any repository, which checkouts would find',
      findRepositoryAbove(workFolder),
    ),
    warned: about('a folder with nothing above it that tools look for', findStrayAbove(workFolder)),
  };
}

interface ProductLook {
  name: string;
  looked: string;
  mistakes: ConfigMistake[];
  warned: ConfigMistake[];
}

/** What the configuration means for the repositories that are on this machine. */
async function lookAtProducts(installation: Installation, context: CliContext): Promise<ProductLook[]> {
  const { checkProduct } = await import('./plan/check-product.ts');
  const looks: ProductLook[] = [];
  for (const [name, product] of Object.entries(installation.products)) {
    const { looked, problems, said } = await checkProduct(product, context.folder);
    const place = (expected: string) => (found: string) => {
      const sentence = printable(found);
      return { path: `products.${name}`, expected, found: sentence };
    };
    const mistakes = problems.map(place('a repository whose next release can be made'));
    looks.push({ name, looked, mistakes, warned: said.map(place('to be what you meant')) });
  }
  return looks;
}

function describeWarnings(file: string, warnings: ConfigMistake[]): string {
  if (warnings.length === 0) return '';
  const count = `${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`;
  const lines = warnings.map((warning) => describeMistake(file, warning));
  return `\n${count}, which keep nothing from working:\n\n${lines.join('\n\n')}\n`;
}

function initConfig(options: Options, context: CliContext): number {
  const file = resolve(context.folder, options.config ?? 'windlass.yaml');
  const shown = showFile(file, context);
  try {
    writeFileSync(file, STARTER_FILE, { flag: 'wx' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'EEXIST' ? 'exists already' : `could not be written (${code})`;
    context.writeError(`windlass: ${shown} ${why}; nothing was changed. --config FILE writes elsewhere.\n`);
    return 1;
  }
  context.write(`Wrote ${shown}. Edit it, then run: windlass config check\n`);
  return 0;
}

/** Relative where that is shorter for a reader: inside the folder they are in. */
function showFile(file: string, context: CliContext): string {
  const inside = relative(context.folder, file);
  return inside === '' || inside.startsWith('..') ? file : inside;
}
