import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import type { ConfigMistakes, Installation } from '../../../src/config/installation.ts';
import { isConfigMistakes } from '../../../src/config/installation.ts';
import { loadInstallation } from '../../../src/config/load.ts';
import { describeMistakes } from '../../../src/config/mistakes/mistake.ts';

/** A product that goes all the way, with people for every gate. Nothing in it is wrong. */
export const WHOLE = `
version: 1
temporal: { address: 127.0.0.1:7233 }
api: { listen: 127.0.0.1:8080, signing: { key_id: k1, private_key: api_key }, verify_keys: [{ key_id: k1, public_key: ${'A'.repeat(43)}= }] }
secrets:
  npm_token: { env: NPM_TOKEN, roles: [release] }
  api_key: { file: ./keys/api.pem, roles: [api] }
people:
  ada: { display_name: Ada Obi, roles: [ceo] }
  ben: { roles: [engineering_lead, on_call] }
  cy: { roles: [release_manager, on_call] }
  dee: { roles: [qa, product_manager] }
channels: { ceo: [{ file: ./ceo.jsonl }] }
products:
  shop:
    repository: { url: ../origin/shop.git }
    registries: { npm: { url: http://127.0.0.1:4873/, token: npm_token } }
    scripts: { build: ops/build, test: ops/test, e2e: ops/e2e, load: ops/load, profile: ops/profile, container: ops/container }
    environments:
      staging: { url: http://localhost:3001, scripts: { deploy: d, verify: v, smoke: s } }
      production:
        url: https://shop.example.test
        scripts: { deploy: d, verify: v, smoke: s, traffic: t, rollback: r, backup: b, restore: re }
`;

/** A folder of the test's own, gone when the test ends. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function writeConfig(text: string): string {
  const file = join(makeFolder(), 'windlass.yaml');
  writeFileSync(file, text);
  return file;
}

export function loadText(text: string, environment: NodeJS.ProcessEnv = {}): Installation | ConfigMistakes {
  return loadInstallation({ file: writeConfig(text), environment });
}

/** The installation; fails with the mistakes in words if there are any. */
export function loadGood(text: string, environment: NodeJS.ProcessEnv = {}): Installation {
  const loaded = loadText(text, environment);
  if (isConfigMistakes(loaded)) throw new Error(describeMistakes(loaded));
  return loaded;
}

// biome-ignore lint/suspicious/noExplicitAny: a test changes any part of the raw file.
export type Raw = any;

/** The whole configuration with a change. */
export function change(edit: (raw: Raw, shop: Raw) => void): string {
  const raw: Raw = parse(WHOLE);
  edit(raw, raw.products.shop);
  return stringify(raw);
}

/** `path: expected`, for each mistake that the change makes. Empty if it makes none. */
export function mistakesOf(edit: (raw: Raw, shop: Raw) => void): string[] {
  const loaded = loadText(change(edit));
  return isConfigMistakes(loaded) ? loaded.mistakes.map(({ path, expected }) => `${path}: ${expected}`) : [];
}

export function warningsOf(edit: (raw: Raw, shop: Raw) => void): string[] {
  return loadGood(change(edit)).warnings.map(({ path, expected }) => `${path}: ${expected}`);
}

/** Sets a value by its dotted path, making the maps on the way. */
export function setAt(raw: Raw, path: string, value: unknown): void {
  const keys = path.split('.');
  const parent = keys.slice(0, -1).reduce((inner, key) => {
    inner[key] ??= {};
    return inner[key];
  }, raw);
  parent[keys.at(-1)!] = value;
}
