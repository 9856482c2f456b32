import { access, constants, open } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { PreflightFinding } from '../../contracts/preflight.ts';
import type { WorkerRole } from '../../contracts/task-queues.ts';
import { withCheckout } from '../../integrations/git/checkout.ts';
import { locateScript, ScriptUnusable } from '../../integrations/process/check-script.ts';
import { searchPath } from '../../integrations/process/search-path.ts';
import { describeGate, listGateNames } from '../../release/policy/gates.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { Look } from './look.ts';

/** Is every script that this role runs there at the commit, executable, and its interpreter on this machine? */
export const lookAtScripts: Look = async ({ deps, product, tip }) => {
  const scripts = listScripts(product, deps.role);
  const at = await tip().catch(() => undefined);
  if (at === undefined || scripts.size === 0) return [];
  return await withCheckout(at.mirror, at.base, async (root) => {
    const folder = join(root, product.path);
    return await Promise.all([...scripts].map(([path, uses]) => lookAtScript(path, uses, folder, root)));
  });
};

/** The paths of the scripts that a role runs, each with what it is for. */
export function listScripts(product: ProductSettings, role: WorkerRole): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const note = (script: { run: [string, ...string[]] } | undefined, use: string) => {
    if (script) found.set(script.run[0], [...(found.get(script.run[0]) ?? []), use]);
  };
  if (role === 'devops') {
    note(product.scripts.build, 'build');
    note(product.scripts.container, 'container');
  }
  if (role === 'qa') {
    for (const name of listGateNames(product.gates)) note(describeGate(product, name).script, `gate ${name}`);
  }
  for (const { name, kind, scripts } of product.environments) {
    for (const [script, settings] of Object.entries(scripts)) {
      const smoker = kind === 'staging' ? 'qa' : 'support';
      if (role === (script === 'smoke' ? smoker : 'devops')) note(settings, `${name} ${script}`);
    }
  }
  return found;
}

async function lookAtScript(
  path: string,
  uses: string[],
  folder: string,
  root: string,
): Promise<PreflightFinding> {
  const subject = `script ${path} (${uses.join(', ')})`;
  try {
    const file = await locateScript(path, folder, root);
    const missing = await findMissingInterpreter(file);
    if (missing === undefined) return { subject, state: 'ok', found: 'there, and executable' };
    return {
      subject,
      state: 'problem',
      found: `it is run by ${missing}, which is not on this worker's machine`,
      advice: `install ${missing} where this role's worker runs, or write another first line`,
    };
  } catch (error) {
    if (!(error instanceof ScriptUnusable)) throw error;
    const [found = '', ...rest] = error.message.split('. ');
    const advice = rest.filter((sentence) => sentence !== 'Nothing was run').join('. ');
    return { subject, state: 'problem', found, advice: advice.replace(/\.$/, '') };
  }
}

/** The program that a script's first line names (`#!/usr/bin/env node`), where this machine has none such. */
async function findMissingInterpreter(file: string): Promise<string | undefined> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
    const [, program = '', rest = ''] =
      /^#!\s*(\S+)[ \t]*([^\n]*)/.exec(buffer.toString('utf8', 0, bytesRead)) ?? [];
    if (program === '') return undefined;
    if (!/\/env$/.test(program)) return (await isExecutable(program)) ? undefined : program;
    // `env -S node --flag`, `env NAME=value program`: the first word that is a program.
    const name = rest.split(/\s+/).find((word) => word !== '' && !/^-|=/.test(word));
    if (name === undefined) return undefined;
    const places = searchPath().split(delimiter);
    const there = await Promise.all(places.map((place) => isExecutable(join(place, name))));
    return there.includes(true) ? undefined : name;
  } finally {
    await handle.close();
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
