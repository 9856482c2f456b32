import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));

const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);

const NAME = "'[\\w -]+'";
const UNION = new RegExp(`${NAME}(?:\\s*\\|\\s*${NAME})+`, 'g');
const ARRAY = new RegExp(`\\[\\s*${NAME}(?:,\\s*${NAME})+,?\\s*\\]`, 'g');
const LIST = new RegExp(
  `^(?:export )?const ([A-Z_]+) = (\\[\\s*${NAME}(?:,\\s*${NAME})+,?\\s*\\]) as const`,
  'gm',
);

/** Where the same names stand for something else. */
const COINCIDENCES = [
  // Whom a table names, and which gates are for which releases, is a choice of that place.
  'release/policy/gates.ts: major,minor',
  'cli/init/init.ts: production,staging',
  'cli/remote/act.ts: approve,reject',
];

const key = (text: string) =>
  [...text.matchAll(/'([\w -]+)'/g)]
    .map(([, name]) => name)
    .toSorted()
    .join();

/** Each place of a source that writes a list out which stands elsewhere under a name. */
function findCopies(sources: [name: string, text: string][]): string[] {
  const lists = new Map<string, string>();
  for (const [name, text] of sources) {
    for (const [, , list = ''] of text.matchAll(LIST)) lists.set(key(list), name);
  }
  return sources.flatMap(([name, text]) => {
    const rest = text.replaceAll(LIST, '');
    const written = [...rest.matchAll(UNION), ...rest.matchAll(ARRAY)].map(([found]) => key(found));
    return written.flatMap((found) => (lists.has(found) ? [`${name}: ${found}`] : []));
  });
}

describe('closed lists of names', () => {
  it('finds one that is written twice', () => {
    const list: [string, string] = ['names.ts', "export const KINDS = ['staging', 'production'] as const;"];
    expect(findCopies([list, ['one.ts', "kind: 'production' | 'staging';"]])).toEqual([
      'one.ts: production,staging',
    ]);
    expect(findCopies([list, ['two.ts', "oneOf(['staging', 'production'])"]])).toEqual([
      'two.ts: production,staging',
    ]);
    expect(findCopies([list, ['three.ts', 'oneOf(KINDS)']])).toEqual([]);
  });

  it('stand once each, and types come from them', () => {
    const sources = files.map((name): [string, string] => [name, readFileSync(join(SOURCES, name), 'utf8')]);
    expect(findCopies(sources).filter((copy) => !COINCIDENCES.includes(copy))).toEqual([]);
  });

  it('and how long a call of what is outside may take stands in one place', () => {
    const own =
      /\b\w*(?:TIMEOUT|LIMIT)\w* = [\d_]+(?: \* [\d_]+)*;|\btimeoutMs: [\d_]{3,}|AbortSignal\.timeout\([\d_]/;
    expect('const DEFAULT_TIMEOUT_MS = 30_000;').toMatch(own);
    expect('const limit = AbortSignal.timeout(5_000);').toMatch(own);
    const clients = files.filter((name) => /^(?:providers|integrations|activities|cli\/remote)\//.test(name));
    expect(clients.filter((name) => own.test(readFileSync(join(SOURCES, name), 'utf8')))).toEqual([]);
  });

  it('and so do the times of the API, workers, workflows and the way to Temporal', () => {
    const own = /\b[A-Z_]*_(?:MS|SECONDS) = [\d_]+(?: \* [\w]+)*;|\b\w+(?:Ms|Timeout): [\d_]{3,}/;
    expect('const LOOK_EVERY_MS = 2_000;').toMatch(own);
    expect('const LATEST_MS = 90 * DAY_MS;').toMatch(own);
    expect('{ timeoutMs: 5_000 }').toMatch(own);
    expect('{ timeoutMs: API_MS.call }').not.toMatch(own);
    const written = /(?:prefault\(|: )'\d+(?:ms|s|m|h|d)'/;
    expect(".prefault('20s')").toMatch(written);
    const schemas = files.filter((name) => /^(?:config\/schema|providers)\//.test(name));
    expect(schemas.filter((name) => written.test(readFileSync(join(SOURCES, name), 'utf8')))).toEqual([]);
    const inside = files.filter((name) => /^(?:api|temporal|workers|workflows)\//.test(name));
    expect(inside.filter((name) => own.test(readFileSync(join(SOURCES, name), 'utf8')))).toEqual([]);
  });
});
