/** `windlass config`: checks the configuration, prints its schema, writes one to start from. */
import { writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { currentEnvironment } from '../config/environment.ts';
import { isConfigMistakes } from '../config/installation.ts';
import { generateJsonSchema } from '../config/json-schema.ts';
import { findConfigFile, loadInstallation } from '../config/load.ts';
import type { ConfigMistake } from '../config/mistakes/mistake.ts';
import { describeMistake, describeMistakes } from '../config/mistakes/mistake.ts';
import { renderReference } from '../config/reference.ts';
import { STARTER_FILE } from '../config/starter.ts';

const HELP = `Usage: windlass config <command>

  check [--config FILE] [--json]   Report every mistake of the configuration at once
  init [--config FILE]             Write a commented configuration to start from; never overwrites
  schema                           Print the JSON Schema, for completion in editors
  reference                        Print every key with default and meaning, as Markdown

FILE is, if not given: WINDLASS_CONFIG, else windlass.yaml in this folder or the nearest one above it.
Exit codes: 0 done, 1 the configuration has mistakes or could not be written, 2 wrong use.
`;

/** What the command touches of the world; tests bring their own. */
export interface ConfigCommandContext {
  environment: NodeJS.ProcessEnv;
  folder: string;
  write(text: string): void;
  writeError(text: string): void;
}

function processContext(): ConfigCommandContext {
  return {
    environment: currentEnvironment(),
    folder: process.cwd(),
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
  };
}

/**
 * Runs `windlass config …`; `argv` is what stands behind `config`. Answers the exit code: 0 done, 1 the
 * configuration is wrong or could not be written, 2 wrong use. Never throws for a person's mistake.
 */
export async function runConfig(
  argv: string[],
  context: ConfigCommandContext = processContext(),
): Promise<number> {
  const [command, ...rest] = argv;
  switch (command) {
    case 'check':
      return withOptions(rest, context, { config: true, json: true }, checkConfig);
    case 'init':
      return withOptions(rest, context, { config: true }, initConfig);
    case 'schema':
      return withOptions(rest, context, {}, () => {
        context.write(`${JSON.stringify(generateJsonSchema(), null, 2)}\n`);
        return 0;
      });
    case 'reference':
      return withOptions(rest, context, {}, () => {
        context.write(renderReference());
        return 0;
      });
    case '--help':
    case '-h':
    case 'help':
      context.write(HELP);
      return 0;
    default: {
      const problem =
        command === undefined ? 'config needs a command.' : `there is no config command "${command}".`;
      context.writeError(`windlass: ${problem}\n\n${HELP}`);
      return 2;
    }
  }
}

interface Options {
  config?: string;
  json: boolean;
}

function withOptions(
  argv: string[],
  context: ConfigCommandContext,
  known: { config?: boolean; json?: boolean },
  run: (options: Options, context: ConfigCommandContext) => number,
): number {
  let values: { config?: string; json?: boolean; help?: boolean };
  try {
    const parsed = parseArgs({
      args: argv,
      options: {
        ...(known.config ? { config: { type: 'string' } as const } : {}),
        ...(known.json ? { json: { type: 'boolean' } as const } : {}),
        help: { type: 'boolean', short: 'h' },
      },
    });
    values = parsed.values as typeof values;
    if (values.config === '') throw new Error('--config needs the name of a file.');
  } catch (error) {
    context.writeError(`windlass: ${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (values.help) {
    context.write(HELP);
    return 0;
  }
  return run({ ...(values.config ? { config: values.config } : {}), json: values.json ?? false }, context);
}

function checkConfig(options: Options, context: ConfigCommandContext): number {
  const file = findConfigFile(options.config, context.environment, context.folder);
  const loaded = loadInstallation({ file, environment: context.environment });
  const mistakes = isConfigMistakes(loaded) ? loaded.mistakes : [];
  if (options.json) {
    const answer = { file, ok: mistakes.length === 0, mistakes, warnings: loaded.warnings };
    context.write(`${JSON.stringify(answer, null, 2)}\n`);
    return mistakes.length === 0 ? 0 : 1;
  }
  const shown = showFile(file, context);
  if (isConfigMistakes(loaded)) {
    context.writeError(`${describeMistakes({ file: shown, mistakes })}\n\nNothing was changed.\n`);
    return 1;
  }
  const products = Object.keys(loaded.products);
  const people = loaded.people.length;
  const summary = `${shown} is right: ${products.length} ${products.length === 1 ? 'product' : 'products'}`;
  const names = products.length === 0 ? '' : ` (${products.join(', ')})`;
  context.write(`${summary}${names}, ${people} ${people === 1 ? 'person' : 'people'}.\n`);
  context.write(describeWarnings(shown, loaded.warnings));
  return 0;
}

function describeWarnings(file: string, warnings: ConfigMistake[]): string {
  if (warnings.length === 0) return '';
  const count = `${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`;
  const lines = warnings.map((warning) => describeMistake(file, warning));
  return `\n${count}, which keep nothing from working:\n\n${lines.join('\n\n')}\n`;
}

function initConfig(options: Options, context: ConfigCommandContext): number {
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
function showFile(file: string, context: ConfigCommandContext): string {
  const inside = relative(context.folder, file);
  return inside === '' || inside.startsWith('..') ? file : inside;
}
