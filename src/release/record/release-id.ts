/** Ids of releases and of whatever else has a record: product, day and a suffix, such as `shop-20261127-3fa9c1`. */

/** The id of one that begins at `at` (ISO 8601, UTC); `suffix` (lower-case hexadecimal) tells those of a day apart. */
export function makeReleaseId(product: string, at: string, suffix: string): string {
  return `${product}-${compactDay(at)}-${suffix}`;
}

/** The product and the day (`20261127`) that an id holds; `undefined` for a text that is none. */
export function readReleaseId(releaseId: string): { product: string; day: string } | undefined {
  const [, product, day] = /^(.+)-(\d{8})-[0-9a-f]+$/.exec(releaseId) ?? [];
  return product === undefined || day === undefined ? undefined : { product, day };
}

/** The day of an instant (ISO 8601, UTC) as ids hold it. */
export function compactDay(at: string): string {
  return at.slice(0, 10).replaceAll('-', '');
}
