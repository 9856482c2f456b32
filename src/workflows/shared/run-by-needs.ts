/**
 * Runs work of which each piece starts once those that it needs have ended, and gives the values in the order of the
 * list. Nothing is left running: a failure is thrown only when all the others have ended too. The needs are among the
 * list and in no circle.
 */
export async function runByNeeds<Item extends { name: string; needs: string[] }, Value>(
  items: readonly Item[],
  work: (item: Item) => Promise<Value>,
): Promise<Value[]> {
  const started = new Map<string, Promise<Value>>();
  const start = (item: Item): Promise<Value> => {
    const before = started.get(item.name);
    if (before) return before;
    const needed = items.filter((other) => item.needs.includes(other.name));
    const running = runAfter(needed, item);
    started.set(item.name, running);
    return running;
  };
  const runAfter = async (needed: Item[], item: Item): Promise<Value> => {
    if (needed.length > 0) await Promise.all(needed.map(start));
    return await work(item);
  };
  const ended = await Promise.allSettled(items.map(start));
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
  return ended.map((end) => (end as PromiseFulfilledResult<Value>).value);
}
