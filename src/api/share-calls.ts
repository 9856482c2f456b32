/**
 * Lets calls of the same key that come while one is under way share its answer: a hundred people who open a page at
 * once ask one question. Nothing is kept once it is answered.
 */
export function shareCalls<T>(): (key: string, run: () => Promise<T>) => Promise<T> {
  const underWay = new Map<string, Promise<T>>();
  return (key, run) => {
    const running = underWay.get(key);
    if (running) return running;
    const started = run().finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
}
