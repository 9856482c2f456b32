/** Points at bytes in the store. Whoever reads them gets exactly what was put, or an error; never something else. */
export interface StoreRef {
  /** SHA-256 of the bytes in lower-case hex. */
  digest: `sha256:${string}`;
  /** Length, in bytes. */
  bytes: number;
  mediaType?: string;
}
