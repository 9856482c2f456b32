/** Which products a file's mistakes are about, and what the file says without these. */
import { type ConfigMistakes, type Installation, isConfigMistakes } from '../installation.ts';
import type { YamlFile } from '../read-yaml.ts';
import { type ConfigMistake, joinPath } from './mistake.ts';

/**
 * The installation without the products that are wrong, each of them in `stopped` with its mistakes. A mistake is a
 * product's own when it stands in its section, or when it is gone once that section is left out: a role that only this
 * product asks for, a secret that only it needs.
 *
 * @param whole what is wrong with the file as it is
 * @returns undefined where something is wrong for all, or no product would be left
 */
export function leaveOutMistaken(
  yaml: YamlFile,
  whole: ConfigMistakes,
  check: (yaml: YamlFile) => Installation | ConfigMistakes,
): Installation | undefined {
  const names = namesOf(yaml.data);
  const stopped: Record<string, ConfigMistake[]> = {};
  for (const name of names) {
    const own = whole.mistakes.filter((mistake) => isWithinProduct(mistake, name));
    if (own.length > 0) stopped[name] = own;
  }
  const without = (left: string[]) => check({ ...yaml, data: leaveOut(yaml.data, left) });
  let rest = without(Object.keys(stopped));
  for (const name of names) {
    if (!isConfigMistakes(rest)) break;
    if (Object.hasOwn(stopped, name)) continue;
    const smaller = without([...Object.keys(stopped), name]);
    const still = isConfigMistakes(smaller) ? smaller.mistakes : [];
    const own = rest.mistakes.filter((mistake) => !still.some((other) => isSame(mistake, other)));
    if (own.length === 0) continue;
    stopped[name] = own;
    rest = smaller;
  }
  if (isConfigMistakes(rest) || Object.keys(stopped).length === names.length) return undefined;
  return { ...rest, stopped };
}

function namesOf(data: unknown): string[] {
  const products = (data as { products?: unknown } | null)?.products;
  return typeof products === 'object' && products !== null ? Object.keys(products) : [];
}

function leaveOut(data: unknown, names: string[]): unknown {
  const { products, ...shared } = data as { products: Record<string, unknown> };
  const kept = Object.entries(products).filter(([name]) => !names.includes(name));
  return { ...shared, products: Object.fromEntries(kept) };
}

function isWithinProduct({ path }: ConfigMistake, name: string): boolean {
  const own = joinPath(['products', name]);
  return path === own || path.startsWith(`${own}.`) || path.startsWith(`${own}[`);
}

function isSame(one: ConfigMistake, other: ConfigMistake): boolean {
  return one.path === other.path && one.expected === other.expected && one.found === other.found;
}
