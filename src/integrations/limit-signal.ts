/** The signal for one request: the caller's, where there is one, or the time limit, whichever comes first. */
export function limitSignal(timeoutMs: number, signal: AbortSignal | undefined): AbortSignal {
  const limit = AbortSignal.timeout(timeoutMs);
  return signal === undefined ? limit : AbortSignal.any([signal, limit]);
}
