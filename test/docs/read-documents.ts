/** What the documents of this repository show as code: blocks, and commands in the running text. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import MarkdownIt from 'markdown-it';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Block {
  /** `docs/plan.md:3`. */
  place: string;
  /** What stands behind the fence: a language, and perhaps a word for the reader of documents. */
  info: string;
  text: string;
}

export interface Mention {
  place: string;
  text: string;
}

/** README, what contributors read, and the documentation. */
export function listDocuments(): string[] {
  const documents = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', 'CONTRIBUTING.md', ...documents.map((name) => `docs/${name}`)];
}

/** The blocks of a document, and the code within its sentences and tables. */
export function readDocument(file: string, markdown = readFileSync(join(ROOT, file), 'utf8')) {
  const blocks: Block[] = [];
  const mentions: Mention[] = [];
  let line = 1;
  for (const token of new MarkdownIt().parse(markdown, {})) {
    // A cell of a table has no line of its own, but its row has.
    line = token.map === null ? line : token.map[0] + 1;
    const place = `${file}:${line}`;
    if (token.type === 'fence' || token.type === 'code_block')
      blocks.push({ place, info: token.info.trim(), text: token.content });
    for (const child of token.children ?? [])
      if (child.type === 'code_inline') mentions.push({ place, text: child.content });
  }
  return { blocks, mentions };
}

/** A program with its arguments. */
export type Words = string[];

/**
 * The simple commands of a piece of shell, as far as documentation needs it: quotes, comments, lines that go on, and
 * what joins commands. `npx`, `source <( )` and what stands before `--` of another program are taken off, where
 * Windlass follows.
 */
export function splitCommands(shell: string): Words[] {
  const commands: Words[] = [[]];
  const parts =
    /\\\n|"((?:[^"\\]|\\.)*)"|'([^']*)'|(\n|&&|\|\||[|;()])|(?<=^|\s)#.*|[<>]|(?:\\.|[^\s"'|;()<>])+/gm;
  let end = -1;
  for (const part of shell.matchAll(parts)) {
    const [whole, double, single, joint] = part;
    const words = commands.at(-1)!;
    if (joint !== undefined) commands.push([]);
    else if (whole === '\\\n' || whole.startsWith('#')) continue;
    else {
      const text = double ?? single ?? whole;
      if (part.index === end && words.length > 0) words.push(`${words.pop()}${text}`);
      else words.push(text);
      end = part.index + whole.length;
    }
  }
  return commands.map(takeOff).filter((words) => words.length > 0);
}

function takeOff(words: Words): Words {
  const own = words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word)));
  const end = own.findIndex((word) => word === '<' || word === '>');
  const plain = end > 0 ? own.slice(0, end) : own;
  if (plain[0] === 'npx') return plain.slice(1);
  const behind = plain.indexOf('--') + 1;
  return behind > 0 && isWindlass(plain[behind]) ? plain.slice(behind) : plain;
}

/** Whether a word is Windlass's program, installed or that of a checkout. */
export function isWindlass(word: string | undefined): boolean {
  return word === 'windlass' || word === 'bin/windlass';
}
