import { printable } from '../../release/plan/printable.ts';
import { misuse } from '../cli-problem.ts';

/** The API's path of a product's release. A name that cannot be one is refused before it reaches a path. */
export function productPath(product: string, rest = ''): string {
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/i.test(product)) {
    throw misuse(`"${printable(product.slice(0, 60))}" cannot be a product's name.`);
  }
  return `/v1/releases/${encodeURIComponent(product)}${rest}`;
}
