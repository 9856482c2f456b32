/** Reads `windlass.yaml`: an `Installation`, or everything that is wrong with the file. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readEnvironment } from './environment.ts';
import { type ConfigMistakes, type Installation, isConfigMistakes } from './installation.ts';
import { generateJsonSchema } from './json-schema.ts';
import { checkData } from './mistakes/check-data.ts';
import { leaveOutMistaken } from './mistakes/leave-out-mistaken.ts';
import type { ConfigMistake, UnplacedMistake } from './mistakes/mistake.ts';
import { joinPath } from './mistakes/mistake.ts';
import { normaliseInstallation } from './normalise/normalise-installation.ts';
import type { YamlFile } from './read-yaml.ts';
import { readYaml } from './read-yaml.ts';
import { checkRules } from './rules/check-rules.ts';
import { installationSchema } from './schema/installation-schema.ts';

const FILE_NAMES = ['windlass.yaml', 'windlass.yml'];

/**
 * The configuration file that a command means: the one that was asked for, else `WINDLASS_CONFIG`, else
 * `windlass.yaml` in the folder or the nearest one above it. If there is none, the name where one would be.
 */
export function findConfigFile(
  asked: string | undefined,
  environment: NodeJS.ProcessEnv,
  folder: string,
): string {
  const named = asked ?? readEnvironment(environment).configFile;
  if (named !== undefined) return resolve(folder, named);
  for (let here = resolve(folder); ; here = dirname(here)) {
    const found = FILE_NAMES.map((name) => join(here, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    if (here === dirname(here)) return join(resolve(folder), FILE_NAMES[0]!);
  }
}

/** Where a configuration is, and what the environment says of it. */
export interface LoadOptions {
  file: string;
  environment: NodeJS.ProcessEnv;
}

/**
 * Loads and checks a configuration. Reads that one file and nothing else: no secret, no network. Never throws
 * for what a person can get wrong; `isConfigMistakes` tells the two answers apart. Mistakes come in the order of
 * the file, each with its place; secrets are never shown.
 */
export function loadInstallation(options: LoadOptions): Installation | ConfigMistakes {
  const file = resolve(options.file);
  const yaml = readYaml(file);
  if (Array.isArray(yaml)) return { file, mistakes: yaml, warnings: [] };
  return checkFile(yaml, { ...options, file });
}

/**
 * The same for a process that serves many products: mistakes of one product stop that product, not the others. It is
 * left out of `products`, and `stopped` says why. What is wrong for all, or leaves no product, comes back as mistakes.
 */
export function loadUsable(options: LoadOptions): Installation | ConfigMistakes {
  const file = resolve(options.file);
  const yaml = readYaml(file);
  if (Array.isArray(yaml)) return { file, mistakes: yaml, warnings: [] };
  const check = (left: YamlFile) => checkFile(left, { ...options, file });
  const whole = check(yaml);
  return isConfigMistakes(whole) ? (leaveOutMistaken(yaml, whole, check) ?? whole) : whole;
}

function checkFile(yaml: YamlFile, { file, environment }: LoadOptions): Installation | ConfigMistakes {
  const checked = checkData(installationSchema, generateJsonSchema, yaml.data);
  const fromRules =
    checked.usable === undefined
      ? { mistakes: [], warnings: [] }
      : checkRules({ config: checked.usable, written: yaml.data }, checked.leftOut);
  const asWritten = (mistake: UnplacedMistake) => ({ ...mistake, path: checked.asWritten(mistake.path) });
  const warnings = place(fromRules.warnings.map(asWritten), yaml);
  const mistakes = place([...checked.mistakes, ...fromRules.mistakes.map(asWritten)], yaml);
  if (mistakes.length > 0 || checked.usable === undefined) return { file, mistakes, warnings };
  const values = readEnvironment(environment);
  const installation = normaliseInstallation(checked.usable, file, values);
  return { ...installation, warnings };
}

/** Gives each mistake its line and column, and sorts them as a reader meets them. */
function place(mistakes: UnplacedMistake[], yaml: YamlFile): ConfigMistake[] {
  const placed = mistakes.map(({ path, at, expected, found, nearest, hint }) => ({
    path: joinPath(path),
    ...yaml.locate(path, at),
    expected,
    found,
    ...(nearest === undefined ? {} : { nearest }),
    ...(hint === undefined ? {} : { hint }),
  }));
  return placed.sort((left, right) => left.line - right.line || left.column - right.column);
}
