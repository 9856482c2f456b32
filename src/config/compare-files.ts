/** What differs between two states of a configuration file, for whom, and from when it counts. */

export interface ConfigDifference {
  /** Keys of each product that differ, such as `policy.major.strategy`; `[]` for one that is new or gone. */
  products: { name: string; change: 'new' | 'gone' | 'changed'; keys: string[] }[];
  /** Keys beside the products that count at once. */
  shared: string[];
  /** Keys that a process reads only when it starts. */
  onlyAtStart: string[];
}

/** Sections that connections, servers and signatures are made of, once. */
const AT_START = /^(?:temporal|api|ledger|work_folder|workers|version|store(?!\.retention))(?:\.|$)/;

/** Compares what two states of a file say, as written. */
export function compareFiles(before: unknown, after: unknown): ConfigDifference {
  const [old, now] = [productsOf(before), productsOf(after)];
  const products: ConfigDifference['products'] = [];
  for (const name of [...new Set([...Object.keys(old), ...Object.keys(now)])]) {
    if (!Object.hasOwn(old, name)) products.push({ name, change: 'new', keys: [] });
    else if (!Object.hasOwn(now, name)) products.push({ name, change: 'gone', keys: [] });
    else {
      const keys = listDifferent(old[name], now[name]);
      if (keys.length > 0) products.push({ name, change: 'changed', keys });
    }
  }
  const others = listDifferent({ ...toMap(before), products: {} }, { ...toMap(after), products: {} });
  return {
    products,
    shared: others.filter((key) => !AT_START.test(key)),
    onlyAtStart: others.filter((key) => AT_START.test(key)),
  };
}

function productsOf(file: unknown): Record<string, unknown> {
  return toMap(toMap(file)['products']);
}

/** Keys whose values differ, the shortest way to each; a list is one value. */
function listDifferent(before: unknown, after: unknown, at = ''): string[] {
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => listDifferent(before[key], after[key], at === '' ? key : `${at}.${key}`));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [at];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toMap(value: unknown): Record<string, unknown> {
  return isMap(value) ? value : {};
}
