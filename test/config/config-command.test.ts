import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runConfig } from '../../src/cli/config.ts';
import { generateJsonSchema } from '../../src/config/json-schema.ts';
import { renderReference } from '../../src/config/reference.ts';
import { DEFAULT_POLICY } from '../../src/release/policy/policy.ts';
import { say } from '../cli/cli-context.ts';
import { makeFolder, WHOLE } from './support/config-file.ts';

const run = async (folder: string, ...argv: string[]) => await say(runConfig, argv, {}, folder);

const ROOT = join(import.meta.dirname, '../..');

describe('windlass config check', () => {
  it('says that all is right', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'windlass.yaml'), WHOLE);
    expect(await run(folder, 'check')).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^windlass\.yaml is right: 1 product \(shop\), 4 people\.\nshop: its repository was not looked at: \S+ is not here, and this folder is in no clone of it\.\n(?:$|\n1 warning)/,
      ),
      err: '',
    });
  });

  it('shows every mistake to people, and the same to machines', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'windlass.yaml'), `${WHOLE}    enviroment: {}\nwork_foldr: x\n`);
    const { code, err } = await run(folder, 'check');
    expect(code).toBe(1);
    expect(err).toContain('2 mistakes in windlass.yaml:');
    expect(err).toContain('did you mean "work_folder"?');
    expect(err).not.toMatch(/\n\s+at .*:\d+:\d+/);
    const json = await run(folder, 'check', '--json', '--config', 'windlass.yaml');
    expect(json.code).toBe(1);
    const answer = JSON.parse(json.out);
    expect(answer.ok).toBe(false);
    expect(answer.mistakes.at(-1)).toMatchObject({ path: 'work_foldr', column: 1, nearest: 'work_folder' });
  });

  it.each([[], ['chek'], ['check', '--jsn'], ['check', 'extra'], ['check', '--config=']])(
    'answers wrong use (%s %s) with 2 and the help',
    async (...argv) => {
      const { code, err } = await run(makeFolder(), ...argv);
      expect(code).toBe(2);
      expect(err).toContain('Usage: windlass config');
    },
  );
});

describe('windlass config init', () => {
  it('writes a configuration that is right, and never overwrites one', async () => {
    const folder = makeFolder();
    expect((await run(folder, 'init')).code).toBe(0);
    expect(await run(folder, 'check')).toMatchObject({ code: 0, err: '' });
    writeFileSync(join(folder, 'windlass.yaml'), 'mine');
    const again = await run(folder, 'init');
    expect(again.code).toBe(1);
    expect(again.err).toContain('exists already; nothing was changed');
    expect(readFileSync(join(folder, 'windlass.yaml'), 'utf8')).toBe('mine');
  });
});

describe('what is generated from the schema', () => {
  it('is current: the JSON Schema for editors (windlass config schema > schema/windlass.schema.json)', () => {
    expect(JSON.parse(readFileSync(join(ROOT, 'schema/windlass.schema.json'), 'utf8'))).toEqual(
      generateJsonSchema(),
    );
  });

  it('is current: the reference in docs/configuration.md (windlass config reference)', () => {
    const text = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8');
    const [, written] = text.match(/<!-- reference:begin[^\n]*-->\n([\s\S]*)<!-- reference:end -->/) ?? [];
    expect(written).toBe(renderReference());
  });

  it('can be used by editors: every pattern compiles as they compile it', () => {
    const patterns = [...JSON.stringify(generateJsonSchema()).matchAll(/"pattern":("(?:[^"\\\\]|\\\\.)*")/g)];
    expect(patterns.length).toBeGreaterThan(50);
    for (const [, pattern] of patterns)
      expect(() => new RegExp(JSON.parse(pattern!), 'u'), pattern!).not.toThrow();
  });

  it('agrees with the policy table in docs/configuration.md', () => {
    const text = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8');
    const row = (key: string) =>
      text
        .match(new RegExp(`^\\| \`${key}\` \\| (.*) \\|$`, 'm'))![1]!
        .split(' | ')
        .map((cell) => (cell === 'none' ? [] : cell.split(', ')));
    const table = Object.values(DEFAULT_POLICY);
    expect(row('gates')).toEqual(table.map(({ gates }) => gates));
    expect(row('strategy').flat()).toEqual(table.map(({ strategy }) => strategy));
    expect(row('go_live_approvals')).toEqual(table.map(({ goLiveApprovals }) => goLiveApprovals));
    expect(row('changelog_review')).toEqual(table.map(({ changelogReview }) => changelogReview));
    expect(row('manual_smoke')).toEqual(table.map(({ manualSmoke }) => manualSmoke));
    expect(row('staging_sign_off')).toEqual(table.map(({ stagingSignOff }) => stagingSignOff));
    expect(row('communication')).toEqual(table.map(({ communication }) => communication));
  });

  it('explains every key', () => {
    expect(renderReference().match(/\| {2}\|$/gm)).toBeNull();
  });
});
