/** What the documents tell people to type is what Windlass takes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Runtime } from '@temporalio/worker';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { findMistake } from './parse-command.ts';
import { isWindlass, listDocuments, ROOT, readDocument, splitCommands } from './read-documents.ts';

vi.mock(
  '../../src/cli/line/read-arguments.ts',
  async (original: () => Promise<typeof import('../../src/cli/line/read-arguments.ts')>) =>
    await (await import('./parse-command.ts')).stopAfterReading(original),
);

const documents = listDocuments().map((file) => ({ file, ...readDocument(file) }));
const scripts = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts as object;

/** A synopsis with everything that may be given, given. */
const full = (text: string) => text.replace(/\[(--[^\]]*)\]/g, '$1');

/** What is wrong with the commands of a text, each with its place. */
async function listMistakes({ place, text }: { place: string; text: string }): Promise<string[]> {
  const mistakes: string[] = [];
  const say = (words: string[], mistake: string) => mistakes.push(`${place}: ${words.join(' ')}: ${mistake}`);
  for (const words of splitCommands(full(text))) {
    const [program, first, second] = words;
    if (isWindlass(program)) {
      // The program alone is its name.
      if (first === undefined) continue;
      const mistake = await findMistake(words.slice(1));
      if (mistake !== null) say(words, mistake);
    } else if (program === 'npm' && first === 'run' && !Object.hasOwn(scripts, second ?? ''))
      say(words, 'package.json has no such script');
    else if (program === 'node' && !first?.startsWith('-') && !existsSync(join(ROOT, first ?? '')))
      say(words, 'there is no such file');
  }
  return mistakes;
}

// Before `replay` reads what it is asked, it says how the SDK's one runtime logs.
beforeAll(() => void vi.spyOn(Runtime, 'install').mockReturnValue(null as never));

describe('code in the documents', () => {
  it.each(documents)('$file says of each block what it is', ({ blocks }) => {
    const known = /^(?:sh|sh example|text|yaml|json|ts)$/;
    expect(
      blocks.filter(({ info }) => !known.test(info)).map(({ place, info }) => `${place} ${info}`),
    ).toEqual([]);
  });

  it.each(documents)('$file has no commands in what is no block of commands', ({ blocks }) => {
    const hidden = blocks.filter(
      ({ info, text }) =>
        info === 'text' && /^(?:\$ )?(?:windlass|bin\/windlass|npm|npx|node|helm) /m.test(text),
    );
    expect(hidden.map(({ place }) => place)).toEqual([]);
  });

  it.each(documents)(
    '$file has only commands that there are, with options that there are',
    async (document) => {
      const shell = document.blocks.filter(({ info }) => info.startsWith('sh'));
      const mistakes: string[] = [];
      for (const block of shell) mistakes.push(...(await listMistakes(block)));
      // A sentence may name a command without what belongs to it.
      for (const { place, text } of document.mentions)
        mistakes.push(
          ...(await listMistakes({
            place,
            text: /^(?:bin\/)?windlass [a-z-]+$/.test(text) ? `${text} --help` : text,
          })),
        );
      expect(mistakes).toEqual([]);
    },
  );
});

it('what the program advises to type, it takes', async () => {
  const source = join(ROOT, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const advised = files.flatMap((file) => {
    const text = readFileSync(join(source, file), 'utf8');
    return [...text.matchAll(/"(windlass [a-z][a-z -]*)"/g)].map(([, command]) => ({
      place: `src/${file}`,
      text: command!.includes('--') ? command! : `${command} --help`,
    }));
  });
  expect(advised.length).toBeGreaterThan(20);
  const mistakes: string[] = [];
  for (const one of advised) mistakes.push(...(await listMistakes(one)));
  expect(mistakes).toEqual([]);
});
