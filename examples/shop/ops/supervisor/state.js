import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';

/** Effects that are remembered; a retry comes within minutes, so the newest few hundred are plenty. */
const REMEMBERED_EFFECTS = 500;

/**
 * @typedef {'blue' | 'green'} Slot
 * @typedef {{ instance: number, version: string, folder: string }} InstanceRecord
 * @typedef {{ weight: number, port: number, instances: InstanceRecord[] }} SlotRecord
 * @typedef {{ command: string, arguments: Record<string, unknown>, output: Record<string, unknown>,
 *   generation: number, doneAt: string }} EffectRecord
 * @typedef {object} State
 * @property {number} generation the highest fencing number seen
 * @property {Record<Slot, SlotRecord>} slots
 * @property {Record<string, EffectRecord>} effects in the order in which they were done
 * @property {string[]} folders version folders, the last used one last
 */

/** @type {readonly Slot[]} */
export const SLOTS = ['blue', 'green'];

/**
 * @param {Slot} slot
 * @returns {Slot}
 */
export function otherSlot(slot) {
  return slot === 'blue' ? 'green' : 'blue';
}

/**
 * Reads DIR/state.json; a new environment starts with two empty slots.
 * @param {string} root
 * @returns {State}
 */
export function loadState(root) {
  const file = path.join(root, 'state.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  return {
    generation: 0,
    slots: { blue: { weight: 0, port: 0, instances: [] }, green: { weight: 0, port: 0, instances: [] } },
    effects: {},
    folders: [],
  };
}

/**
 * Writes DIR/state.json so that a crash at any moment leaves the old content or the new one, on disk.
 * @param {string} root
 * @param {State} state
 */
export function saveState(root, state) {
  const keys = Object.keys(state.effects);
  for (const key of keys.slice(0, Math.max(0, keys.length - REMEMBERED_EFFECTS))) delete state.effects[key];
  const temporary = path.join(root, 'state.json.tmp');
  const file = openSync(temporary, 'w', 0o600);
  writeSync(file, `${JSON.stringify(state, null, 2)}\n`);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, path.join(root, 'state.json'));
  const folder = openSync(root, 'r');
  fsyncSync(folder);
  closeSync(folder);
}
