import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

describe('docs/dependencies.md', () => {
  it('says of each direct dependency, and of nothing else, why it is there', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
    const wanted = Object.keys({ ...manifest['dependencies'], ...manifest['devDependencies'] })
      .filter((name) => !name.startsWith('@types/'))
      .sort();
    const told = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` +\| [^|]{10,}\|$/gm)].map(
      (row) => row[1],
    );
    expect(told.sort()).toEqual(wanted);
  });

  it('is about exact versions only', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
    const loose = Object.entries({ ...manifest['dependencies'], ...manifest['devDependencies'] }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });
});

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}
