import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { REPORTABLE } from '../../src/contracts/inbound/read-report.ts';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));

const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);
const read = (name: string) => readFileSync(join(SOURCES, name), 'utf8');
const within = (...folders: string[]) =>
  files.filter((name) => folders.some((folder) => name.startsWith(`${folder}/`)));

/** Members that hold sentences for people; what happened stands in data beside them. */
const SENTENCE = '(?:what|reason|detail|ending|note|summary|message|changed|next|by|why)';
const READS = new RegExp(
  `\\b${SENTENCE}\\??\\.(?:startsWith|endsWith|includes|indexOf|match|matchAll|search)\\(|` +
    `/[a-z]*\\.(?:test|exec)\\((?:[\\w.?]*\\.)?${SENTENCE}\\b`,
);
/** Words that are no sentences of ours. */
const MAY_READ = new Set([
  // Temporal's and Node's own errors have no other sign.
  'api/temporal/temporal-problems.ts',
]);

const EXPORTED = /^export (?:async )?(?:function\b|const \w+ = (?:async )?(?:<.*>)?\(.*=>)/;

describe('conventions that a machine can tell', () => {
  it('finds a view that reads sentences', () => {
    expect("record.timeline.find((entry) => entry.what.startsWith('abort'))").toMatch(READS);
    expect("item.detail?.includes('no host is configured')").toMatch(READS);
    expect('/monitoring: |failed: /.test(entry.what)').toMatch(READS);
    expect("record.held?.by.startsWith('hotfix/')").toMatch(READS);
    expect("describeTimeline(record).find(({ what }) => what.startsWith('abort'))").toMatch(READS);
    expect("readFact(entry).data.command === 'abort'").not.toMatch(READS);
  });

  it('nothing finds out what happened by reading a sentence', () => {
    const readers = within(
      ...['release/views', 'release/commands', 'release/record', 'release/ledger'],
      ...['workflows', 'activities', 'api', 'cli/remote'],
    ).flatMap((name) =>
      MAY_READ.has(name)
        ? []
        : read(name)
            .split('\n')
            .flatMap((line, at) => (READS.test(line) ? [`${name}:${at + 1}: ${line.trim()}`] : [])),
    );
    expect(readers).toEqual([]);
  });

  it('whatever is told has an event of its own with fields, and a sentence that is made at the end', () => {
    const worded = /event: 'noted'|event: '(?:environment|monitoring)',.* note\b/;
    expect("run.apply({ event: 'noted', what: 'no release is in flight' })").toMatch(worded);
    expect(within('workflows', 'activities', 'api', 'cli').filter((name) => worded.test(read(name)))).toEqual(
      [],
    );
    const makers = files.filter((name) => /\bdescribe(?:Event|Told|News)\(/.test(read(name)));
    expect(makers.filter((name) => !name.startsWith('release/record/timeline/'))).toEqual([]);
  });

  it('what a child workflow tells, its release can read', () => {
    const children = within(
      'workflows/deployment',
      'workflows/rollback',
      'workflows/monitoring',
      'workflows/environment',
    );
    const told = [
      ...read('release/record/timeline/told-events.ts').matchAll(/^ {2}(\w+): (?:own|reported)\(/gm),
    ].map(([, name]) => name);
    expect(told).toContain('went_live');
    const unread = told.filter(
      (name) =>
        children.some((file) => read(file).includes(`event: '${name}'`)) &&
        !REPORTABLE.some((known) => known === name),
    );
    expect(unread).toEqual([]);
  });

  it('the pure rules ask no clock', () => {
    expect(within('release').filter((name) => /\bDate\.now\(|\bnew Date\(\)/.test(read(name)))).toEqual([]);
  });

  it('on-call is called in one place, and what people send is verified in one', () => {
    const naming = (words: RegExp) => within('workflows').filter((name) => words.test(read(name)));
    expect(naming(/channel: 'on_call'/)).toEqual(['workflows/incident/call-on-call.ts']);
    expect(naming(/\.verifyCommand\(/)).toEqual(['workflows/commands/inbox.ts']);
  });

  it('no file has more than 300 lines', () => {
    const long = files.filter((name) => read(name).split('\n').length > 301);
    expect(long).toEqual([]);
  });

  it('no folder has more than 15 files side by side', () => {
    const counts = new Map<string, number>();
    for (const name of files) {
      counts.set(dirname(name), (counts.get(dirname(name)) ?? 0) + 1);
    }
    expect([...counts].filter(([, count]) => count > 15)).toEqual([]);
  });

  it('every exported function is documented', () => {
    const bare = files.flatMap((name) => {
      const lines = read(name).split('\n');
      return lines.flatMap((line, at) =>
        EXPORTED.test(line) && !/\*\/\s*$/.test(lines[at - 1] ?? '') ? [`${name}:${at + 1}: ${line}`] : [],
      );
    });
    expect(bare).toEqual([]);
  });

  it('sees exported functions of every form', () => {
    expect('export function planRelease(').toMatch(EXPORTED);
    expect('export async function* readEvents(').toMatch(EXPORTED);
    expect('export const isObject = (input: unknown): boolean =>').toMatch(EXPORTED);
    expect('export const load = async (file: string) => {').toMatch(EXPORTED);
    expect('export const LIMIT = 5;').not.toMatch(EXPORTED);
  });
});
