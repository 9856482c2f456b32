import { existsSync } from 'node:fs';
import { isConfigMistakes } from '../../config/installation.ts';
import { findConfigFile, loadUsable } from '../../config/load.ts';
import { describeMistakes, describeStop } from '../../config/mistakes/mistake.ts';
import type { DoctorFinding, Environment } from './finding.ts';

const NAME = 'configuration';
const ADVICE =
  'Mend it: "windlass config check" shows every mistake. Running processes take it up by themselves.';

/** Whether the configuration here can be used, and which products it stops; nothing where there is none. */
export async function examineConfiguration(
  environment: Environment,
  folder: string,
): Promise<DoctorFinding[]> {
  const file = findConfigFile(undefined, environment, folder);
  if (!existsSync(file)) return [];
  const loaded = loadUsable({ file, environment });
  if (isConfigMistakes(loaded)) {
    return [{ name: NAME, state: 'problem', found: describeMistakes(loaded), advice: ADVICE }];
  }
  const stopped = Object.entries(loaded.stopped ?? {});
  if (stopped.length === 0) {
    const products = Object.keys(loaded.products);
    return [{ name: NAME, state: 'ok', found: `${file}: ${products.join(', ') || 'no product'}` }];
  }
  return stopped.map(([product, mistakes]) => ({
    name: NAME,
    state: 'problem',
    found: describeStop(file, product, mistakes),
    advice: ADVICE,
  }));
}
