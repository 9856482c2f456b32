import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, relative, sep } from 'node:path';

export type ScriptProblem =
  | 'missing'
  | 'not-executable'
  | 'outside'
  | 'not-startable'
  | 'unusable-environment';

/** A script that cannot be run as configured. Nothing was started; somebody has to change script or configuration. */
export class ScriptUnusable extends Error {
  override readonly name = 'ScriptUnusable';
  readonly retryable = false;
  readonly outcome = 'unchanged';
  readonly advice = 'mend the script or its entry in windlass.yaml, then replan';
  readonly problem: ScriptProblem;
  readonly script: string;

  constructor(problem: ScriptProblem, script: string, message: string) {
    super(message);
    this.problem = problem;
    this.script = script;
  }
}

/**
 * The absolute path of a script of a checkout. `script` is relative to `cwd`, and must stay inside `root` (links
 * resolved), since what lies outside is not part of the commit that was reviewed. A name without a slash that is no file
 * there is a program of the machine, such as `npm`: it is looked for in `searchPath`.
 * @throws {ScriptUnusable} when it is outside, missing, no file or not executable.
 */
export async function locateScript(
  script: string,
  cwd: string,
  root: string,
  searchPath = '',
): Promise<string> {
  const shown = JSON.stringify(script);
  if (script === '' || script.includes('\0') || isAbsolute(script)) {
    throw new ScriptUnusable(
      'outside',
      script,
      `The script ${shown} is not a relative path. Nothing was run. Name a script of the repository by its path in it, such as "scripts/deploy".`,
    );
  }
  const path = join(cwd, script);
  const outside = (): ScriptUnusable =>
    new ScriptUnusable(
      'outside',
      script,
      `The script ${shown} lies outside the checkout (a link may lead there). Nothing was run. Put the script into the repository.`,
    );
  if (!isInside(path, root)) throw outside();
  const real = await realpath(path).catch(() => undefined);
  const isName = /^[A-Za-z0-9_][\w.+-]*$/.test(script);
  if (real === undefined && isName) {
    const program = await findProgram(script, searchPath);
    if (program !== undefined) return program;
  }
  if (real === undefined) {
    throw new ScriptUnusable(
      'missing',
      script,
      `The script ${shown} does not exist in the release commit${isName ? ', and this machine has no program of that name' : ''}. Nothing was run. Add it, or correct its path in windlass.yaml.`,
    );
  }
  if (!isInside(real, await realpath(root))) throw outside();
  if (!(await stat(real)).isFile() || !(await isExecutable(real))) {
    throw new ScriptUnusable(
      'not-executable',
      script,
      `The script ${shown} is not an executable file. Nothing was run. Make it one: git update-index --chmod=+x ${script}`,
    );
  }
  return path;
}

/** The program of that name in the first folder of `searchPath` (as PATH is written) that has one. */
export async function findProgram(name: string, searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(delimiter).filter(isAbsolute)) {
    const path = join(folder, name);
    const isFile = await stat(path)
      .then((found) => found.isFile())
      .catch(() => false);
    if (isFile && (await isExecutable(path))) return path;
  }
  return undefined;
}

/**
 * Holds the variables of a run to what an environment can carry.
 * @throws {ScriptUnusable} naming every variable that it cannot, never its value.
 */
export function checkVariables(script: string, variables: Record<string, string>): void {
  const bad = Object.entries(variables)
    .filter(([name, value]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || value.includes('\0'))
    .map(([name]) => JSON.stringify(name));
  if (bad.length === 0) return;
  throw new ScriptUnusable(
    'unusable-environment',
    script,
    `These variables cannot be given to a script: ${bad.join(', ')}. Nothing was run. A name has letters, digits and _; a value has no NUL.`,
  );
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Whether this process may run the file; false where there is none. */
export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
