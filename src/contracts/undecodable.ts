/**
 * What a payload becomes that cannot be decoded, or opened. Anyone who reaches the namespace can send one; were it
 * thrown out, the workflow's task would fail and be retried for ever, before any handler runs.
 */
export interface UndecodablePayload {
  /** Why it could not be decoded; made by us or by the JSON parser, at most 200 characters, no control characters. */
  undecodable: string;
  /** The encoding that it claims, cleaned the same way; `''` when it claims none. */
  encoding: string;
  /** Size of its data in bytes. The data itself is left out: it is of no use and may be large. */
  bytes: number;
}

/** Whether `value` is what a payload became that could not be decoded. */
export function isUndecodable(value: unknown): value is UndecodablePayload {
  if (typeof value !== 'object' || value === null) return false;
  const { undecodable, encoding, bytes } = value as Partial<Record<keyof UndecodablePayload, unknown>>;
  return typeof undecodable === 'string' && typeof encoding === 'string' && typeof bytes === 'number';
}
