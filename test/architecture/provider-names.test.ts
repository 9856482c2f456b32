import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CHANNEL_EFFECTS, CHANNELS } from '../../src/providers/channel/channels.ts';
import { HOST_NAMES } from '../../src/providers/host/hosts.ts';
import { METRIC_SOURCES } from '../../src/providers/metrics/sources.ts';
import { REGISTRIES, REGISTRY_EFFECTS } from '../../src/providers/registry/registries.ts';
import { STORES } from '../../src/providers/store/stores.ts';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));

/** A line for each seam: which names belong to its folder below `src/providers`. */
const SEAMS: Record<string, readonly string[]> = {
  channel: [...Object.keys(CHANNELS), ...CHANNEL_EFFECTS],
  metrics: Object.keys(METRIC_SOURCES),
  store: Object.keys(STORES),
  host: HOST_NAMES,
  // The effect `image` is also what half of the program calls an image.
  registry: [...Object.keys(REGISTRIES), ...REGISTRY_EFFECTS.filter((name) => name !== 'image')],
};

/** Where such a word means something else, and what. */
const OTHER_MEANINGS: Record<string, readonly string[]> = {
  // Records of before there were several hosts.
  github: ['release/has-host.ts'],
  // How a run was asked for: by an incoming webhook.
  webhook: ['api/routes/webhooks.ts', 'release/values.ts'],
  // Programs of the machine.
  npm: ['cli/doctor/examine-programs.ts', 'integrations/process/npm-program.ts'],
  docker: ['cli/doctor/examine-programs.ts'],
  // The database of Temporal's local server; where a secret is found.
  file: ['temporal/server/local-server.ts', 'config/schema/installation-schema.ts', 'config/secrets.ts'],
  // Names of properties, and an option of the demo.
  folder: ['cli/demo.ts', 'cli/read-installation.ts', 'integrations/git/mirror/mirror.ts'],
  // The form of a value in the reference.
  script: ['config/reference.ts'],
  // A program of the machine.
  prometheus: ['cli/doctor/examine-programs.ts'],
  // A scheme of addresses, and of sign-in.
  http: ['api/openapi.ts', 'release/plan/links/web-address.ts'],
  // The word of an address on hosts, and of a kind of check.
  issues: ['release/plan/commits/references.ts', 'release/verdict/checks/read-check.ts'],
};

describe('the names of providers', () => {
  it.each(Object.keys(SEAMS))('stay inside src/providers/%s', (seam) => {
    const found = listSources()
      .filter((file) => !file.startsWith(`providers/${seam}/`))
      .flatMap((file) => {
        const literals = readLiterals(readFileSync(join(SOURCES, file), 'utf8'));
        return (SEAMS[seam] ?? [])
          .filter((name) => literals.has(name) && !OTHER_MEANINGS[name]?.includes(file))
          .map((name) => `${file} says '${name}'`);
      });
    expect(found).toEqual([]);
  });

  it.each(['channel', 'metrics', 'store'])('are each a folder of src/providers/%s', (seam) => {
    const maps: Record<string, object> = { channel: CHANNELS, metrics: METRIC_SOURCES, store: STORES };
    const folders = readdirSync(join(SOURCES, 'providers', seam), { withFileTypes: true });
    expect(folders.filter((entry) => entry.isDirectory())).toHaveLength(Object.keys(maps[seam] ?? {}).length);
  });

  it('are looked for where they mean something else only as long as they stand there', () => {
    const gone = Object.entries(OTHER_MEANINGS).flatMap(([name, files]) =>
      files.filter((file) => !readLiterals(readFileSync(join(SOURCES, file), 'utf8')).has(name)),
    );
    expect(gone).toEqual([]);
  });
});

/** Whole texts in quotes, comments left out. */
function readLiterals(text: string): Set<string> {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return new Set([...code.matchAll(/(['"`])([\w-]+)\1/g)].map((match) => match[2] ?? ''));
}

/** All sources but the demo, which is an adopter's world, and other seams' providers. */
function listSources(): string[] {
  return readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('demo/') && !name.startsWith('providers/'))
    .map((name) => relative(SOURCES, join(SOURCES, name)));
}
