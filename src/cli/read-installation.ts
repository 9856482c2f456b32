import type { Installation } from '../config/installation.ts';
import { isConfigMistakes } from '../config/installation.ts';
import { findConfigFile, loadInstallation } from '../config/load.ts';
import { describeMistakes } from '../config/mistakes/mistake.ts';
import { findNearest } from '../config/mistakes/nearest.ts';
import { printable } from '../release/plan/printable.ts';
import type { ProductSettings } from '../release/settings.ts';
import { CliProblem } from './line/cli-problem.ts';
import type { CliContext } from './line/context.ts';

/**
 * The configuration that a command works by.
 * @throws CliProblem that shows every mistake of the file at once.
 */
export function readInstallation(
  asked: string | undefined,
  context: Pick<CliContext, 'environment' | 'folder'>,
): Installation {
  const file = findConfigFile(asked, context.environment, context.folder);
  const loaded = loadInstallation({ file, environment: context.environment });
  if (!isConfigMistakes(loaded)) return loaded;
  throw new CliProblem(`the configuration cannot be used.\n\n${describeMistakes(loaded)}\n`, {
    hint: 'Nothing was started or changed. "windlass config check" looks again; "windlass config init" writes one to start from.',
  });
}

/** A product of the configuration. @throws CliProblem that names those there are. */
export function requireProduct(installation: Installation, product: string): ProductSettings {
  const { file, products } = installation;
  const settings = Object.hasOwn(products, product) ? products[product] : undefined;
  if (settings) return settings;
  const names = Object.keys(products);
  const nearest = findNearest(product, names);
  const meant = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
  throw new CliProblem(
    `${file} has no product "${printable(product.slice(0, 60))}".${meant}`,
    names.length === 0 ? {} : { hint: `Products: ${names.join(', ')}.` },
  );
}
