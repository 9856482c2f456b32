/** What a plan without a product passes over: the configuration that lies in the repository. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

const NAMED_AT_MOST = 3;

/**
 * What is said where somebody plans a repository, and its configuration describes its products otherwise.
 * @param file as `findConfigured` found it
 * @returns nothing where the file names no product, or cannot be read: that is for "config check" to say
 */
export function warnOfConfigured(top: string, file: string): string[] {
  const products = namesIn(readFileSync(join(top, file), 'utf8'));
  const [first] = products;
  if (first === undefined) return [];
  const more = products.length - NAMED_AT_MOST;
  const named = `${products.slice(0, NAMED_AT_MOST).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return [
    `${file} describes what is released here (${named}), and this plan does not go by it: name a product, as in "windlass plan ${first}".`,
  ];
}

function namesIn(text: string): string[] {
  const document = parseDocument(text);
  if (document.errors.length > 0) return [];
  const data: unknown = document.toJS({ maxAliasCount: 20 });
  const products: unknown = typeof data === 'object' && data !== null && 'products' in data && data.products;
  return typeof products === 'object' && products !== null ? Object.keys(products) : [];
}
