/** Where the store keeps what outlives Temporal; whoever writes it and whoever reads it agree on it here. */

/** The folder of the records of a product's runs that have ended. */
export function recordsFolder(product: string): string {
  return `records/${product}/`;
}

/** The record of a run that ended, for as long as the store lives. */
export function recordName(product: string, releaseId: string): string {
  return `${recordsFolder(product)}${releaseId}.json`;
}

/** The folder of what ran in an environment; names in it begin with the time. */
export function historyFolder(product: string, environment: string): string {
  return `history/${product}/${environment}/`;
}

/** The folder of what the store knows of released versions, of one product or of all. */
export function releasedFolder(product?: string): string {
  return product === undefined ? 'released/' : `released/${product}/`;
}

/** What the store knows of a released version. */
export function releasedName(product: string, version: string): string {
  return `${releasedFolder(product)}${version}.json`;
}

/** The folder of what builds put into the store, of all products. */
export function madeFolder(): string {
  return 'made/';
}

/** What the build of a release put into the store. */
export function madeName(product: string, releaseId: string): string {
  return `${madeFolder()}${product}/${releaseId}.json`;
}

/** The folder of which flows have taken up which versions. */
export function usedFolder(product: string): string {
  return `used/${product}/`;
}

/** Says that a flow has taken up a version, and needs its bytes until it has ended. */
export function usedName(product: string, releaseId: string, version: string): string {
  return `${usedFolder(product)}${releaseId}/${version}.json`;
}
