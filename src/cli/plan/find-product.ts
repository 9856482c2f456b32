/** `windlass plan PRODUCT`: the product as it is configured, and the clone that it is planned in. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { currentEnvironment } from '../../config/environment.ts';
import { findConfigFile } from '../../config/load.ts';
import { findNearest } from '../../config/mistakes/nearest.ts';
import { askClone } from '../../integrations/git/ask-clone.ts';
import { webAddress } from '../../release/plan/links/web-address.ts';
import { printable } from '../../release/plan/printable.ts';
import type { ProductSettings } from '../../release/settings.ts';
import { CliProblem, misuse } from '../line/cli-problem.ts';
import { readInstallation, requireProduct } from '../read-installation.ts';

/** @throws CliProblem when there is no such product, or no configuration that could name it */
export function findProduct(name: string, config: string | undefined, folder: string): ProductSettings {
  const environment = currentEnvironment();
  const file = findConfigFile(config, environment, folder);
  const shown = printable(name.slice(0, 60));
  if (!existsSync(file)) {
    throw misuse(
      `"${shown}" would be a product, but there is no configuration that could name it (${file}).`,
      '--config FILE names another; without a product, the repository itself is planned.',
    );
  }
  const installation = readInstallation(config, { environment, folder });
  const { products, stopped = {} } = installation;
  if (Object.hasOwn(products, name) || Object.hasOwn(stopped, name))
    return requireProduct(installation, name);
  const nearest = findNearest(name, Object.keys(products));
  throw misuse(
    `the configuration has no product "${shown}".${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`,
    `It has ${Object.keys(products).join(', ')}.`,
  );
}

/**
 * The repository that a product is planned in: the one that was named, the clone that the command is run in, or the
 * configured one where it lies on this machine.
 *
 * @throws CliProblem when none of these is there
 */
export async function findRepository(
  product: ProductSettings,
  asked: string | null,
  folder: string,
): Promise<{ repository: string; to: string }> {
  if (asked !== null) return { repository: asked, to: 'HEAD' };
  const origin = await askClone(folder, ['config', '--get', 'remote.origin.url']);
  const own = origin.stdout.trim();
  const same = own !== '' && (own === product.repositoryUrl || isSame(own, product.repositoryUrl));
  if (same) return { repository: folder, to: 'HEAD' };
  const local = localPath(product.repositoryUrl);
  if (local !== null && existsSync(local)) return { repository: local, to: product.release.releaseBranch };
  throw new CliProblem(
    `${product.name} is planned in a clone of ${product.repositoryUrl}, and this folder is in none.`,
    { hint: 'Run it inside of one, or name one with --repo. Nothing was changed.' },
  );
}

function isSame(one: string, other: string): boolean {
  const address = webAddress(one);
  return address !== null && address === webAddress(other);
}

function localPath(url: string): string | null {
  if (url.startsWith('file://')) return fileURLToPath(url);
  return url.startsWith('/') ? url : null;
}
