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
