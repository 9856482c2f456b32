import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Installation } from '../../config/installation.ts';
import { SCRIPT_PURPOSES } from '../../config/schema/script-schema.ts';

type Purposes = typeof SCRIPT_PURPOSES;

/**
 * Writes a program for each script of the configuration that is a file of the repository and is not there: it says
 * what it must do, and fails until somebody has written it.
 *
 * @returns the files written, from the top
 */
export function writeSkeletons(top: string, installation: Pick<Installation, 'products'>): string[] {
  const wanted = new Map<string, string>();
  for (const { path, scripts, environments } of Object.values(installation.products))
    for (const [name, script] of [
      ...Object.entries(scripts),
      ...environments.flatMap((environment) => Object.entries(environment.scripts)),
    ]) {
      if (script === undefined || script.shell === true) continue;
      const program = script.run[0];
      if (program.includes('/')) wanted.set(join(path, program), name);
    }
  const missing = [...wanted].filter(([file]) => !existsSync(join(top, file)));
  for (const [file, name] of missing) {
    mkdirSync(join(top, dirname(file)), { recursive: true });
    writeFileSync(join(top, file), writeSkeleton(file, name as keyof Purposes), { mode: 0o755, flag: 'wx' });
  }
  return missing.map(([file]) => file);
}

/** What some scripts have to say in the file that `WINDLASS_OUTPUT` names. */
const RESULTS: Partial<Record<keyof Purposes, string>> = {
  build: '{"artifact": "relative/path.tgz"}',
  container: '{"image": "registry/name@sha256:…"} or {"image_layout": "path/of/layout"}',
  backup: '{"backup": "id"}',
  deploy: '{"slot": "green", "url": "https://…"}',
  status: '{"version": "1.2.0", "effects": {…}}',
};

function writeSkeleton(file: string, name: keyof Purposes): string {
  const result = RESULTS[name];
  return `#!/bin/sh
# ${SCRIPT_PURPOSES[name]}
# Its facts come in variables: WINDLASS_VERSION, WINDLASS_ARTIFACT, WINDLASS_EFFECT_KEY, … Exit code 0 is success.
# It may run more than once for one effect: look whether WINDLASS_EFFECT_KEY is done already.${
    result === undefined ? '' : `\n# What it says goes to the file "$WINDLASS_OUTPUT": ${result}`
  }
set -eu
echo "${file} is still to be written." >&2
exit 1
`;
}
