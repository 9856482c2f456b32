import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const IMAGE = 'docs/images/first-steps.svg';
const svg = readFileSync(at(IMAGE), 'utf8');
const readme = readFileSync(at('README.md'), 'utf8');

/** The names of elements that are opened and not closed in their order; an XML without one is well-formed in this. */
function findUnclosed(xml: string): string[] {
  const open: string[] = [];
  const bare = xml.replace(/<style>[^<]*<\/style>/, '');
  for (const [, closes, name = '', closed] of bare.matchAll(
    /<(\/?)([a-zA-Z]+)(?:\s[\w:-]+="[^"<]*")*\s*(\/?)>/g,
  )) {
    if (closes === '/') {
      if (open.at(-1) !== name) return [...open, `/${name}`];
      open.pop();
    } else if (closed !== '/') open.push(name);
  }
  return open;
}

test('the recording is what the script in the repository makes, and the README shows it', () => {
  const { scripts } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const script = scripts['record']?.replace(/^node /, '') ?? '';
  const source = readFileSync(at(script), 'utf8');
  expect(source).toContain("'first-steps.svg'");
  expect(readme).toContain(`](${IMAGE})`);
  const [, named = ''] = /^const COMMANDS = \[(.*)\];$/m.exec(source) ?? [];
  const commands = [...named.matchAll(/'([^']+)'/g)].map(([, command = '']) => command);
  expect(commands.length).toBeGreaterThan(1);
  for (const command of commands) {
    expect(readme).toMatch(new RegExp(`^${command} +#`, 'm'));
    expect(svg).toContain(`❯ ${command}<`);
  }
});

test('it is a small and whole SVG that loads nothing, and says nothing of the machine it was made on', () => {
  expect(statSync(at(IMAGE)).size).toBeLessThan(300_000);
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*>\n<title>/);
  expect(findUnclosed(svg)).toEqual([]);
  expect(svg.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]|&(?!#\d+;)/);
  expect(svg).not.toMatch(/<script|<image|@import|url\((?!#)|\son\w+=/);
  expect(svg).not.toMatch(/\/(?:tmp|home|root|Users|var|work)\/|\d+\.\d+\.\d+\.\d+|localhost|[\w-]{43,}/);
});

test('whoever wants no motion sees its last screen', () => {
  expect(svg).toMatch(
    /@media \(prefers-reduced-motion:reduce\)\{\.strip\{animation:none;transform:translateX\(-\d+px\)\}\}/,
  );
});
