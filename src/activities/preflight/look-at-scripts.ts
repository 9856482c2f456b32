import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreflightFinding } from '../../contracts/preflight.ts';
import type { WorkerRole } from '../../contracts/task-queues.ts';
import { withCheckout } from '../../integrations/git/checkout.ts';
import { findProgram, isExecutable, ScriptUnusable } from '../../integrations/process/check-script.ts';
import { findCommand, scriptPath } from '../../integrations/process/run-script.ts';
import { describeGate, listGateNames } from '../../release/policy/gates.ts';
import type { ProductSettings, ScriptSettings } from '../../release/settings.ts';
import { nameScript } from '../run-product-script.ts';
import type { Look } from './look.ts';

/** A script with the variables that it is run with, and what it is run for. */
interface Use {
  script: ScriptSettings;
  environment: Record<string, string>;
  uses: string[];
}

/** Is every script that this role runs there at the commit, executable, and its interpreter on this machine? */
export const lookAtScripts: Look = async ({ deps, product, tip }) => {
  const scripts = listScripts(product, deps.role);
  const at = await tip().catch(() => undefined);
  if (at === undefined || scripts.length === 0) return [];
  return await withCheckout(at.mirror, at.base, async (root) => {
    const folder = join(root, product.path);
    return await Promise.all(scripts.map((one) => lookAtScript(one, folder, root)));
  });
};

/** The scripts that a role runs, each once for all that it is for. */
function listScripts(product: ProductSettings, role: WorkerRole): Use[] {
  const found = new Map<string, Use>();
  const note = (script: ScriptSettings | undefined, use: string, own: Record<string, string> = {}) => {
    if (!script) return;
    const environment = { ...product.variables, ...own };
    const key = JSON.stringify([script.run[0], script.shell === true, environment['PATH']]);
    const uses = [...(found.get(key)?.uses ?? []), use];
    found.set(key, { script, environment, uses });
  };
  if (role === 'devops') {
    note(product.scripts.build, 'build');
    note(product.scripts.container, 'container');
  }
  if (role === 'qa') {
    for (const name of listGateNames(product.gates)) note(describeGate(product, name).script, `gate ${name}`);
  }
  for (const { name, kind, scripts, variables } of product.environments) {
    for (const [script, settings] of Object.entries(scripts)) {
      const smoker = kind === 'staging' ? 'qa' : 'support';
      if (role === (script === 'smoke' ? smoker : 'devops')) note(settings, `${name} ${script}`, variables);
    }
  }
  return [...found.values()];
}

async function lookAtScript(
  { script, environment, uses }: Use,
  folder: string,
  root: string,
): Promise<PreflightFinding> {
  const subject = `script ${nameScript(script)} (${uses.join(', ')})`;
  try {
    const [file] = await findCommand({
      command: script.run,
      shell: script.shell === true,
      cwd: folder,
      root,
      environment,
    });
    // A program of the machine is what its own first line says, or none with such a line.
    const isOurs = file.startsWith(`${root}/`);
    const missing = isOurs ? await findMissingInterpreter(file, scriptPath({ environment })) : undefined;
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
async function findMissingInterpreter(file: string, path: string): Promise<string | undefined> {
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
    return (await findProgram(name, path)) === undefined ? name : undefined;
  } finally {
    await handle.close();
  }
}
