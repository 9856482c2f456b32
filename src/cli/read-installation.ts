import { type ConfigMistakes, type Installation, isConfigMistakes } from '../config/installation.ts';
import { findConfigFile, loadInstallation, loadUsable } from '../config/load.ts';
import { describeMistakes, describeStop } from '../config/mistakes/mistake.ts';
import { findNearest } from '../config/mistakes/nearest.ts';
import { printable } from '../release/plan/printable.ts';
import type { ProductSettings } from '../release/settings.ts';
import { CliProblem } from './line/cli-problem.ts';
import type { CliContext } from './line/context.ts';

type Place = Pick<CliContext, 'environment' | 'folder'>;

/**
 * The configuration that a command works by; mistakes of one product stop that product only (`stopped`).
 * @throws CliProblem that shows every mistake of the file at once, where it is wrong for all.
 */
export function readInstallation(asked: string | undefined, context: Place): Installation {
  const file = findConfigFile(asked, context.environment, context.folder);
  return requireUsable(loadUsable({ file, environment: context.environment }));
}

/**
 * The same for what must know every product, such as a command that removes what the file no longer names.
 * @throws CliProblem that shows every mistake of the file at once.
 */
export function readWholeInstallation(asked: string | undefined, context: Place): Installation {
  const file = findConfigFile(asked, context.environment, context.folder);
  return requireUsable(loadInstallation({ file, environment: context.environment }));
}

/** Says, at the start of a process, which products it does nothing for and why. */
export function tellStopped({ file, stopped = {} }: Installation, writeError: (text: string) => void): void {
  for (const [name, mistakes] of Object.entries(stopped)) {
    writeError(
      `${describeStop(file, name, mistakes)}. All other products go on; it does as well once that is mended.\n`,
    );
  }
}

function requireUsable(loaded: Installation | ConfigMistakes): Installation {
  if (!isConfigMistakes(loaded)) return loaded;
  throw new CliProblem(`the configuration cannot be used.\n\n${describeMistakes(loaded)}\n`, {
    hint: 'Nothing was started or changed. "windlass config check" looks again; "windlass config init" writes one to start from.',
  });
}

/** A product of the configuration. @throws CliProblem that names those there are. */
export function requireProduct(installation: Installation, product: string): ProductSettings {
  const { file, products, stopped = {} } = installation;
  const settings = Object.hasOwn(products, product) ? products[product] : undefined;
  if (settings) return settings;
  if (Object.hasOwn(stopped, product)) {
    throw new CliProblem(`${describeStop(file, product, stopped[product] ?? [])}.`, {
      hint: 'Nothing was changed. "windlass config check" shows every mistake.',
    });
  }
  const names = Object.keys(products);
  const nearest = findNearest(product, names);
  const meant = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
  throw new CliProblem(
    `${file} has no product "${printable(product.slice(0, 60))}".${meant}`,
    names.length === 0 ? {} : { hint: `Products: ${names.join(', ')}.` },
  );
}
