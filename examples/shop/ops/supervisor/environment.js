import { EventEmitter, once } from 'node:events';
import { backupDatabase, ensureDatabase, migrateDatabase, readBackup, restoreDatabase } from './database.js';
import { createEffects, refusal } from './effects.js';
import { createFigures } from './figures.js';
import { startInstance } from './instances.js';
import { mergeMetrics } from './metrics.js';
import { startProxy } from './proxy.js';
import { createShares } from './shares.js';
import { loadState, otherSlot, SLOTS, saveState } from './state.js';
import { findKeptFolder, makeFolders, pruneVersions, unpackVersion } from './versions.js';

/**
 * @typedef {import('./state.js').Slot} Slot
 * @typedef {import('./instances.js').Instance} Instance
 * @typedef {{ version: string, artifact?: string, digest?: string }} Release
 * @typedef {Awaited<ReturnType<typeof createSupervisor>>} Supervisor
 */

/** Names of version folders that are remembered in the order of their use; fewer are kept on disk. */
const REMEMBERED_FOLDERS = 20;

/**
 * Brings an environment up as its state file says, and offers what the control API does with it.
 * @param {{ root: string, environment: string, publicPort: number, instances: number }} options
 */
export async function createSupervisor({ root, environment, publicPort, instances: instanceCount }) {
  makeFolders(root);
  ensureDatabase(root);
  const state = loadState(root);
  const save = () => saveState(root, state);
  const changes = new EventEmitter().setMaxListeners(0);
  const changed = () => changes.emit('change');
  /** @type {ReturnType<typeof createShares<Slot>>} */
  const shares = createShares();
  const figures = createFigures();
  const effects = createEffects(state, save);
  let turn = 0;
  /** While true the proxy holds all requests: the database is being replaced. */
  let holding = false;
  /** @type {Record<Slot, Map<number, Instance>>} */
  const running = { blue: new Map(), green: new Map() };
  /** Stops of replaced instances that still drain. @type {Set<Promise<void>>} */
  const draining = new Set();

  /** @param {Slot} slot */
  const inSlot = (slot) => [...running[slot].values()].sort((a, b) => a.number - b.number);

  /**
   * @param {Slot} slot
   * @param {number} number
   * @param {{ version: string, folder: string }} release
   * @param {AbortSignal} [signal]
   */
  const start = (slot, number, { version, folder }, signal) =>
    startInstance({
      slot,
      number,
      version,
      folder,
      root,
      environment,
      ...(signal && { signal }),
      onChange: changed,
    });

  const publicProxy = await startProxy(routeTo(undefined), { port: publicPort });
  /** @type {{ stop: () => Promise<void> }[]} */
  const proxies = [publicProxy];
  for (const slot of SLOTS) {
    // A slot keeps its port over restarts, so that a URL that was handed out stays good.
    const proxy = await startProxy(routeTo(slot), { port: state.slots[slot].port }).catch(() =>
      startProxy(routeTo(slot), { port: 0 }),
    );
    state.slots[slot].port = proxy.port;
    proxies.push(proxy);
  }
  for (const slot of SLOTS)
    for (const { instance, version, folder } of state.slots[slot].instances)
      adopt(start(slot, instance, { version, folder }));
  save();

  const commands = { deploy, migrate, traffic, rollback, backup, restore, stop: stopSlot };

  return {
    publicPort: publicProxy.port,
    status,

    /**
     * @param {import('./effects.js').Fence} fence
     * @param {keyof typeof commands} command
     * @param {any} given
     * @returns {Promise<Record<string, unknown>>}
     */
    act(fence, command, given) {
      // Each attempt may have the artifact in another place; its digest says that it is the same.
      const { artifact: _, ...identity } = given;
      return effects.once(fence, command, identity, (signal) => commands[command](given, signal, fence));
    },

    /** @param {{ seconds: number, version?: string | undefined, slot?: string | undefined }} span */
    figures: (span) => figures.over({ now: Date.now(), ...span }),

    /** @returns {Promise<string>} */
    async metrics() {
      const ports = SLOTS.flatMap(inSlot).flatMap(({ port }) => (port ? [port] : []));
      return figures.render() + (await mergeMetrics(ports));
    },

    async stop() {
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      await Promise.all([
        ...SLOTS.flatMap(inSlot).map((instance) => instance.stop({ drain: false })),
        ...draining,
      ]);
    },
  };

  /**
   * @param {string} [effectKey] only this effect, rather than all that are remembered
   */
  function status(effectKey) {
    const active = activeSlot();
    const chosen = effectKey === undefined ? Object.keys(state.effects) : [effectKey];
    return {
      environment,
      version: active ? versionOf(active) : null,
      generation: state.generation,
      active: active ?? null,
      instances: instanceCount,
      slots: Object.fromEntries(
        SLOTS.map((slot) => [
          slot,
          {
            version: versionOf(slot),
            percent: state.slots[slot].weight,
            healthy: running[slot].size > 0 && inSlot(slot).every(({ healthy }) => healthy),
            url: `http://127.0.0.1:${state.slots[slot].port}`,
            instances: inSlot(slot).map(({ number, pid, version, healthy, restarts }) => ({
              instance: number,
              pid,
              version,
              healthy,
              restarts,
            })),
          },
        ]),
      ),
      effects: Object.fromEntries(
        chosen.flatMap((key) => {
          const effect = state.effects[key];
          return effect ? [[key, { done: true, output: effect.output, doneAt: effect.doneAt }]] : [];
        }),
      ),
    };
  }

  /** The slot with the most traffic. @returns {Slot | undefined} */
  function activeSlot() {
    const { blue, green } = state.slots;
    if (blue.weight === 0 && green.weight === 0) return undefined;
    return green.weight > blue.weight ? 'green' : 'blue';
  }

  /**
   * The version that most of a slot's instances run. While it is half and half, what the last instance runs: a
   * rolling deployment gets there last.
   * @param {Slot} slot
   * @returns {string | null}
   */
  function versionOf(slot) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const { version } of [...inSlot(slot)].reverse())
      counts.set(version, (counts.get(version) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
  }

  /**
   * @param {Slot | undefined} only a slot's own address goes to that slot, the public one by weight
   * @returns {import('./proxy.js').Routing}
   */
  function routeTo(only) {
    return {
      pick(tried) {
        if (holding) return undefined;
        const usable = (/** @type {Slot} */ name) =>
          inSlot(name).filter((instance) => instance.port && !tried.has(instance));
        const candidates = only ? [only] : SLOTS.filter((name) => state.slots[name].weight > 0);
        const slots = candidates.filter((name) => usable(name).length > 0);
        /** @type {Slot | undefined} */
        const slot =
          slots.length < 2
            ? slots[0]
            : shares.next(slots.map((name) => ({ name, weight: state.slots[name].weight })));
        if (!slot) return undefined;
        const healthy = usable(slot).filter((instance) => instance.healthy);
        // None healthy: an answer from a doubtful instance is better than none.
        const pool = healthy.length > 0 ? healthy : usable(slot);
        turn += 1;
        return pool[turn % pool.length];
      },
      async untilChange(timeoutMs) {
        await once(changes, 'change', { signal: AbortSignal.timeout(timeoutMs) }).catch(() => undefined);
      },
      observe(sample) {
        // What somebody sends to a slot directly is not customers' traffic.
        if (!only) figures.add(sample);
      },
    };
  }

  /** Takes a started instance into its slot, in the place of the one with its number. @param {Instance} instance */
  function adopt(instance) {
    const replaced = running[instance.slot].get(instance.number);
    running[instance.slot].set(instance.number, instance);
    instance.keepAlive();
    if (replaced) retire(replaced);
  }

  /** Stops an instance that gets no more requests, after it has answered those it has. @param {Instance} instance */
  function retire(instance) {
    const stopped = instance.stop().finally(() => draining.delete(stopped));
    draining.add(stopped);
  }

  /** Writes down what runs now. */
  function record() {
    for (const slot of SLOTS)
      state.slots[slot].instances = inSlot(slot).map(({ number, version, folder }) => ({
        instance: number,
        version,
        folder,
      }));
    save();
    const inUse = new Set(SLOTS.flatMap((slot) => state.slots[slot].instances.map(({ folder }) => folder)));
    pruneVersions(root, state.folders, inUse);
    changed();
  }

  /** @param {Release} release */
  async function obtainFolder({ version, artifact, digest }) {
    const folder = artifact
      ? await unpackVersion(root, { version, artifact, digest })
      : findKeptFolder(root, state.folders, version);
    if (!folder)
      throw refusal(
        409,
        `Version ${version} is not kept here and no artifact was given. Nothing was changed.`,
      );
    state.folders = [...state.folders.filter((name) => name !== folder), folder].slice(-REMEMBERED_FOLDERS);
    return folder;
  }

  /**
   * Starts the given instances beside those that run, and lets them take over when all of them are healthy. When
   * one is not, all of them end and the slot is as it was.
   * @param {Slot} slot
   * @param {number[]} numbers
   * @param {{ version: string, folder: string }} release
   * @param {AbortSignal} signal
   */
  async function replace(slot, numbers, release, signal) {
    const fresh = numbers.map((number) => start(slot, number, release, signal));
    try {
      await Promise.all(fresh.map((instance) => instance.untilHealthy()));
      signal.throwIfAborted();
    } catch (error) {
      await Promise.all(fresh.map((instance) => instance.stop({ drain: false })));
      throw error;
    }
    fresh.forEach(adopt);
    record();
  }

  /**
   * @param {Release & { slot?: Slot, instance?: number, strategy?: string }} given
   * @param {AbortSignal} signal
   */
  async function deploy({ slot, instance, strategy, ...release }, signal) {
    const active = activeSlot();
    const inPlace = instance !== undefined || strategy === 'rolling' || strategy === 'immediate';
    const target = slot ?? (inPlace ? (active ?? 'blue') : active ? otherSlot(active) : 'blue');
    if (instance !== undefined && instance > instanceCount)
      throw refusal(
        400,
        `There is no instance ${instance}: a slot has ${instanceCount}. Nothing was changed.`,
      );
    const folder = await obtainFolder(release);
    const numbers = (
      instance ? [instance] : Array.from({ length: instanceCount }, (_, index) => index + 1)
    ).filter((number) => {
      const now = running[target].get(number);
      return !(now?.folder === folder && now.healthy);
    });
    await replace(target, numbers, { version: release.version, folder }, signal);
    if (!active && inPlace) {
      // The very first version of an environment: there is no other slot that traffic could be moved from.
      state.slots[target].weight = 100;
      record();
    }
    return {
      slot: target,
      url: `http://127.0.0.1:${state.slots[target].port}`,
      version: release.version,
      replaced: numbers,
    };
  }

  /** @param {Release} release */
  async function migrate(release) {
    return migrateDatabase(root, await obtainFolder(release));
  }

  /** @param {{ slot: Slot, percent: number }} given */
  function traffic({ slot, percent }) {
    const wanted = /** @type {Record<Slot, number>} */ ({
      [slot]: percent,
      [otherSlot(slot)]: 100 - percent,
    });
    for (const name of SLOTS)
      if (wanted[name] > state.slots[name].weight && !inSlot(name).some(({ healthy }) => healthy))
        throw refusal(409, `No instance on ${name} is healthy, so it gets no traffic. Nothing was changed.`);
    for (const name of SLOTS) state.slots[name].weight = wanted[name];
    record();
    return { blue: wanted.blue, green: wanted.green };
  }

  /**
   * @param {Release} release the version to go back to
   * @param {AbortSignal} signal
   */
  async function rollback(release, signal) {
    const { version } = release;
    const runs = (/** @type {Slot} */ slot) =>
      inSlot(slot).filter((one) => one.version === version && one.healthy);
    const active = activeSlot();
    let target = [active ?? 'blue', otherSlot(active ?? 'blue')].find(
      (slot) => runs(slot).length === instanceCount,
    );
    const how = target ? 'warm' : 'redeployed';
    if (!target) {
      const kept = findKeptFolder(root, state.folders, version);
      const folder = await obtainFolder(kept ? { version } : release);
      // A rolling deployment that stopped half-way is put right where it is; else the idle slot is free.
      const isMixed = active && inSlot(active).some((one) => one.version === version);
      target = isMixed || !active ? (active ?? 'blue') : otherSlot(active);
      const good = new Set(runs(target).map(({ number }) => number));
      const numbers = Array.from({ length: instanceCount }, (_, index) => index + 1).filter(
        (n) => !good.has(n),
      );
      await replace(target, numbers, { version, folder }, signal);
    }
    traffic({ slot: target, percent: 100 });
    const left = otherSlot(target);
    const stopped = inSlot(left).some((one) => one.version !== version);
    if (stopped) emptySlot(left);
    return { slot: target, version, how, ...(stopped && { stopped: left }) };
  }

  /**
   * @param {unknown} _given
   * @param {AbortSignal} _signal
   * @param {import('./effects.js').Fence} fence
   */
  function backup(_given, _signal, { effectKey }) {
    return backupDatabase(root, effectKey);
  }

  /**
   * Replaces the database while requests wait: a pause of a second or two, but no failed request.
   * @param {{ backup: string }} given
   */
  async function restore({ backup: id }) {
    const taken = readBackup(root, id);
    holding = true;
    try {
      const before = SLOTS.flatMap(inSlot);
      await Promise.all([...before.map((instance) => instance.stop()), ...draining]);
      restoreDatabase(root, taken);
      const fresh = before.map(({ slot, number, version, folder }) =>
        start(slot, number, { version, folder }),
      );
      for (const instance of fresh) {
        running[instance.slot].set(instance.number, instance);
        instance.keepAlive();
      }
      await Promise.all(fresh.map((instance) => instance.untilHealthy()));
    } finally {
      holding = false;
      changed();
    }
    return { restored: id, sha256: taken.sha256 };
  }

  /** @param {{ slot: Slot }} given */
  function stopSlot({ slot }) {
    if (state.slots[slot].weight > 0)
      throw refusal(409, `${slot} has ${state.slots[slot].weight} % of the traffic. Nothing was changed.`);
    emptySlot(slot);
    return { stopped: slot };
  }

  /** @param {Slot} slot */
  function emptySlot(slot) {
    const before = inSlot(slot);
    running[slot].clear();
    record();
    before.forEach(retire);
  }
}
