import { encodeEntry } from '../providers/store/entries.ts';
import type { ActivityDeps } from './deps.ts';
import { performEffect } from './perform-effect.ts';

/**
 * Keeps a named entry, as an effect. The same entry twice is one; another text under its name is an earlier state of
 * it, and is replaced.
 */
export async function keepEntry(
  deps: ActivityDeps,
  effect: Pick<Parameters<typeof performEffect>[1], 'name' | 'key' | 'target'>,
  name: string,
  entry: object,
): Promise<{ name: string }> {
  const bytes = encodeEntry(entry);
  const { value } = await performEffect(deps, {
    ...effect,
    read: async () =>
      (await deps.store.readNamed(name))?.equals(bytes)
        ? { is: 'ours', value: { name }, proof: name }
        : { is: 'absent' },
    write: () => deps.store.putNamed(name, bytes),
  });
  return value;
}
