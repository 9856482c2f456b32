import { isDeepStrictEqual } from 'node:util';

/**
 * @typedef {{ effectKey: string, generation: number }} Fence
 * @typedef {Error & { status: number, [detail: string]: unknown }} Refusal
 */

/**
 * An answer to the caller that is not our mistake.
 * @param {number} status
 * @param {string} message
 * @param {Record<string, unknown>} [details]
 * @returns {Refusal}
 */
export function refusal(status, message, details = {}) {
  return Object.assign(new Error(message), details, { status });
}

/**
 * Does effects one after the other, each once.
 * - A generation older than one seen before is refused: its holder has lost the environment's lease.
 * - A newer generation interrupts what an older one is still doing, at the next point where that is safe.
 * - An effect key that was done answers its recorded output; one that is being done is waited for.
 * @param {import('./state.js').State} state
 * @param {() => void} save
 */
export function createEffects(state, save) {
  /** @type {Map<string, Promise<Record<string, unknown>>>} */
  const running = new Map();
  /** @type {{ generation: number, abort: AbortController } | undefined} */
  let current;
  /** @type {Promise<unknown>} */
  let queue = Promise.resolve();

  /** @param {number} generation */
  const refuseOlder = (generation) => {
    if (generation < state.generation)
      throw refusal(
        409,
        `Generation ${generation} is too old: generation ${state.generation} acts on this environment. Nothing was changed.`,
        { generation: state.generation },
      );
  };

  return {
    /**
     * @param {Fence} fence
     * @param {string} command
     * @param {Record<string, unknown>} given what the effect is about; the same key with other arguments is refused
     * @param {(signal: AbortSignal) => Promise<Record<string, unknown>> | Record<string, unknown>} perform
     * @returns {Promise<Record<string, unknown>>}
     */
    async once({ effectKey, generation }, command, given, perform) {
      refuseOlder(generation);
      const done = state.effects[effectKey];
      if (done) {
        if (done.command !== command || !isDeepStrictEqual(done.arguments, given))
          throw refusal(
            409,
            `Effect ${effectKey} was done before with other arguments. Nothing was changed.`,
            {
              was: { command: done.command, arguments: done.arguments },
            },
          );
        return done.output;
      }
      const same = running.get(effectKey);
      if (same) return same;

      if (generation > state.generation) {
        state.generation = generation;
        save();
        if (current && current.generation < generation)
          current.abort.abort(refusal(409, `Generation ${generation} took over.`, { generation }));
      }
      const result = queue.then(async () => {
        const abort = new AbortController();
        try {
          // A newer generation may have come while this one waited for its turn.
          refuseOlder(generation);
          current = { generation, abort };
          const output = await perform(abort.signal);
          state.effects[effectKey] = {
            command,
            arguments: given,
            output,
            generation,
            doneAt: new Date().toISOString(),
          };
          save();
          return output;
        } finally {
          current = undefined;
          running.delete(effectKey);
        }
      });
      running.set(effectKey, result);
      queue = result.catch(() => undefined);
      return result;
    },
  };
}
