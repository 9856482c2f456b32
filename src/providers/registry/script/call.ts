import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Made, RegistryContext } from '../registry.ts';
import { type FoundVersion, readFound } from './answers.ts';
import type { ScriptRegistrySettings } from './kind.ts';

/** One question to the program, or one change. Reading verbs may run at any time, and any number of times. */
export interface Call {
  verb: 'find' | 'publish' | 'fetch' | 'promote' | 'withdraw' | 'list' | 'check';
  version?: string;
  [fact: string]: unknown;
}

/** The package's name at the registry. */
export function packageName({ product, settings }: RegistryContext): string {
  const { package: name } = settings as unknown as ScriptRegistrySettings;
  return name ?? product.name;
}

/**
 * Calls the team's program: the verb is its last argument, the question a JSON file (WINDLASS_INPUT), the answer the
 * JSON that it writes to WINDLASS_OUTPUT. `folder`, where the call needs one, is fresh and gone afterwards.
 */
export async function callProgram<T>(
  context: RegistryContext,
  describe: Call | ((folder: string) => Promise<Call>),
  use: (made: Made) => Promise<T>,
): Promise<T> {
  const settings = context.settings as unknown as ScriptRegistrySettings;
  return await context.withScratch(async (folder) => {
    const call = typeof describe === 'function' ? await describe(folder) : describe;
    const input = join(folder, 'windlass-input.json');
    const question = { registry: context.name, name: packageName(context), ...call };
    await writeFile(input, `${JSON.stringify(question, undefined, 2)}\n`, { mode: 0o600 });
    const [program, ...fixed] = settings.run;
    return await context.runProgram(
      {
        title: `${context.name} ${call.verb}`,
        run: [program, ...fixed, call.verb],
        timeoutMs: settings.timeoutMs,
        facts: {
          WINDLASS_INPUT: input,
          WINDLASS_VERB: call.verb,
          ...(call.version === undefined ? {} : { WINDLASS_VERSION: call.version }),
        },
        variables: settings.variables,
        secrets: settings.secrets,
      },
      use,
    );
  });
}

/** What the registry says of a version; undefined if it is not there. */
export async function findVersion(
  context: RegistryContext,
  version: string,
): Promise<FoundVersion | undefined> {
  return await callProgram(context, { verb: 'find', version }, async ({ output }) =>
    readFound(output, context.name),
  );
}
