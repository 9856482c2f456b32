import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

describe('docs/dependencies.md', () => {
  it('says of each direct dependency, and of nothing else, why it is there', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
    const wanted = Object.keys(allOf(manifest))
      .filter((name) => !name.startsWith('@types/'))
      .sort();
    const told = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` +\| [^|]{10,}\|$/gm)].map(
      (row) => row[1],
    );
    expect(told.sort()).toEqual(wanted);
  });

  it('is about exact versions only', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
    const loose = Object.entries(allOf(manifest)).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });
});

function allOf(manifest: Record<string, Record<string, string>>): Record<string, string> {
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  return { ...dependencies, ...optionalDependencies, ...devDependencies };
}

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}
