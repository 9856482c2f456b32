/** A registry that a team reaches by a program of its own, as far as the configuration needs to know it. */

import { z } from 'zod';
import { DEFAULT_TIMES } from '../../../release/policy/default-times.ts';
import type { Fields, RegistryContext } from '../registry.ts';

export interface ScriptRegistrySettings {
  /** A program of the repository, and its fixed arguments; the verb is added as the last one. */
  run: [string, ...string[]];
  timeoutMs: number;
  /** The package as the registry knows it. */
  package?: string;
  variables: Record<string, string>;
  /** Variables whose values are secrets of the `release` role. */
  secrets: Record<string, string>;
}

function schema(field: Fields) {
  const parts = z.tuple([field.repositoryPath], field.argument);
  return z.strictObject({
    run: z
      .union([field.repositoryPath, parts], {
        error: 'a path in the repository, or a list that starts with one',
      })
      .describe('The program, and its fixed arguments. It is called with the verb as the last one.'),
    timeout: field.duration.prefault(DEFAULT_TIMES.registryProgram).describe('How long one call may take.'),
    package: field
      .text(
        /^[A-Za-z0-9@][A-Za-z0-9@._:/+-]{0,213}$/,
        'the name of a package, such as shop or org.example:shop',
      )
      .optional()
      .describe("The package's name there. Default: the product's."),
    variables: z
      .record(field.variableName, field.variableValue)
      .prefault({})
      .describe('Plain variables for the program, such as the address of the index.'),
    secrets: z
      .record(field.variableName, field.secretName)
      .prefault({})
      .describe('Variables whose values are secrets.'),
  });
}

type ScriptFile = z.output<ReturnType<typeof schema>>;

export const script = {
  title: "any other registry, by a program of the team's own",
  effects: ['registry-publish', 'registry-promote', 'registry-withdraw'],
  makes: 'files',
  schema,
  normalise: (file: ScriptFile): ScriptRegistrySettings & { [own: string]: unknown } => ({
    run: typeof file.run === 'string' ? [file.run] : file.run,
    timeoutMs: file.timeout,
    ...(file.package === undefined ? {} : { package: file.package }),
    variables: file.variables,
    secrets: file.secrets,
  }),
  secrets: (file: ScriptFile) =>
    Object.entries(file.secrets).map(([variable, name]) => ({ path: ['secrets', variable], name })),
  urls: () => [],
  open: async (context: RegistryContext) => (await import('./open.ts')).openScript(context),
} as const;
