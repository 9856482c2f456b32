import { describe, expect, it } from 'vitest';
import { type ConfigMistakes, type Installation, isConfigMistakes } from '../../src/config/installation.ts';
import { loadUsable } from '../../src/config/load.ts';
import { describeStop } from '../../src/config/mistakes/mistake.ts';
import { WHOLE, writeConfig } from './support/config-file.ts';

const BLOG = `
  blog:
    repository: { url: ../origin/blog.git }
    scripts: { build: ops/build, test: ops/test, e2e: ops/e2e, load: ops/load, profile: ops/profile, container: ops/container }
`;
const TWO = `${WHOLE.trimEnd()}${BLOG}`;

function load(text: string): Installation | ConfigMistakes {
  return loadUsable({ file: writeConfig(text), environment: {} });
}

function usable(text: string): Installation {
  const loaded = load(text);
  if (isConfigMistakes(loaded)) throw new Error(JSON.stringify(loaded.mistakes, null, 1));
  return loaded;
}

describe("one product's mistakes in the configuration", () => {
  it('stop that product and no other', () => {
    const { products, stopped = {} } = usable(TWO.replace('    registries:', '    registeries:'));
    expect(Object.keys(products)).toEqual(['blog']);
    expect(Object.keys(stopped)).toEqual(['shop']);
    expect(stopped['shop']?.map(({ path }) => path)).toContain('products.shop.registeries');
  });

  it('are all there is of several, each with its own', () => {
    const text = TWO.replace('    registries:', '    registeries:').replace(
      'build: ops/build, test: ops/test, e2e: ops/e2e, load: ops/load, profile: ops/profile, container: ops/container }\n    environments',
      'build: 3, test: ops/test }\n    environments',
    );
    const { stopped = {} } = usable(`${text}\n  third: { repository: ./third.git, scripts: 7 }\n`);
    expect(Object.keys(stopped)).toEqual(['shop', 'third']);
    expect(stopped['shop']?.length).toBeGreaterThan(1);
    expect(stopped['third']?.every(({ path }) => path.startsWith('products.third'))).toBe(true);
  });

  it('are its own as well where they stand elsewhere: a secret that only it needs', () => {
    const { products, stopped = {} } = usable(TWO.replace('roles: [release] }', 'roles: [qa] }'));
    expect(Object.keys(products)).toEqual(['blog']);
    expect(stopped['shop']?.map(({ path }) => path)).toEqual(['secrets.npm_token.roles']);
  });

  it('stop everything where they are of all, or where it is the only product', () => {
    expect(isConfigMistakes(load(TWO.replace('listen: 127.0.0.1:8080', 'listen: nowhere')))).toBe(true);
    expect(isConfigMistakes(load(WHOLE.replace('    registries:', '    registeries:')))).toBe(true);
    expect(isConfigMistakes(load(`${TWO}\nproducts: {}\n`))).toBe(true);
  });

  it('is nothing of a file without mistakes', () => {
    expect(usable(TWO).stopped).toBeUndefined();
  });

  it('are told in one sentence with their place', () => {
    const { file, stopped = {} } = usable(TWO.replace('    registries:', '    registeries:'));
    expect(describeStop(file, 'shop', stopped['shop'] ?? [])).toMatch(
      /^shop is stopped: .*windlass\.yaml has \d mistakes? in what it says of it, .*at products\.shop\.\w+ \(line \d+\): expected /,
    );
  });
});
