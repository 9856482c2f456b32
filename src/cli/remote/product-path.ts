import { printable } from '../../release/plan/printable.ts';
import { misuse } from '../line/cli-problem.ts';

/**
 * The API's path of a product's release, or of another flow of it. A name that cannot be one is refused before it
 * reaches a path.
 */
export function productPath(product: string, rest = '', kind = 'release'): string {
  checkProduct(product);
  const query = kind === 'release' ? '' : `?kind=${encodeURIComponent(kind)}`;
  return `/v1/releases/${encodeURIComponent(product)}${rest}${query}`;
}

/** @throws CliProblem with exit code 2 for what cannot be a product's name. */
export function checkProduct(product: string): void {
  if (/^[a-z0-9][a-z0-9._-]{0,99}$/i.test(product)) return;
  throw misuse(`"${printable(product.slice(0, 60))}" cannot be a product's name.`);
}
