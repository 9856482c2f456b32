import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const TESTS = fileURLToPath(new URL('..', import.meta.url));

const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);

it('tests see the demo’s example through one door', () => {
  const door = 'support/fixture/demo.ts';
  const past = files.filter((name) => /'[./]+\/src\/demo\//.test(readFileSync(join(TESTS, name), 'utf8')));
  expect(past).toEqual([door]);
});

it('no room has more than 15 files side by side', () => {
  const rooms = Map.groupBy(
    files.filter((name) => !name.startsWith('fixtures/')),
    (name) => dirname(name),
  );
  for (const [room, inIt] of rooms) expect(inIt.length, room).toBeLessThanOrEqual(15);
});
