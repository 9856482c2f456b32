import { describe, expect, it } from 'vitest';
import { editVersion, readVersion } from '../../../src/release/plan/version-files/set-version.ts';

const set = async (path: string, text: string, more: { pattern?: string; packageNames?: string[] } = {}) =>
  (await editVersion({ path, text, version: '2.0.0', ...more })).text;

describe('A version file changes in nothing but its version', () => {
  it.each([
    [
      'package.json',
      '{\n\t"name" : "a",\r\n\t"nested": { "version": "9.9.9", "x": ["version", {"version": "8.8.8"}] },\n\t"version":   "1.0.0",\n\t"note": "\\"version\\": \\"7\\""\n}',
    ],
    [
      'package-lock.json',
      '{\n  "name": "a",\n  "version": "1.0.0",\n  "lockfileVersion": 3,\n  "packages": {\n    "": { "name": "a", "version": "1.0.0" },\n    "node_modules/b": { "version": "9.9.9" }\n  }\n}\n',
    ],
    [
      'pyproject.toml',
      '# version = "9.9.9"\n[build-system]\nversion = "9.9.9"\n\n[project]\nname = "a"\ndescription = """\nversion = "9.9.9"\n"""\nversion = \'1.0.0\' # keep me\n\n[tool.poetry]\nversion = "9.9.9"\n',
    ],
    [
      'pyproject.toml',
      '[tool.poetry]\nname = "a"\nversion = "1.0.0"\n[tool.poetry.dependencies]\nversion = "9.9.9"\n',
    ],
    [
      'Cargo.toml',
      '[dependencies]\nx = { version = "9.9.9" }\n[package]\r\nname = "a"\r\nversion = "1.0.0"\r\n[dependencies.y]\nversion = "9.9.9"\n',
    ],
    ['Cargo.toml', '[workspace]\nmembers = ["a"]\n[workspace.package]\nversion = "1.0.0"\n'],
    [
      'pom.xml',
      '<?xml version="1.0"?>\n<project>\n  <!-- <version>9.9.9</version> -->\n  <parent><version>9.9.9</version></parent>\n  <version>\n    1.0.0\n  </version>\n  <dependencies><dependency><version>9.9.9</version></dependency></dependencies>\n</project>\n',
    ],
    [
      'pom.xml',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Maven's own notation
      '<project><version>${revision}</version><properties><revision>1.0.0</revision><other>9.9.9</other></properties></project>',
    ],
    ['VERSION', '1.0.0\r\n'],
    ['sub/VERSION', 'v1.0.0'],
  ])('%s (case %#)', async (path, text) => {
    const changed = await set(path, text);
    expect(changed).toBe(text.replaceAll('1.0.0', '2.0.0'));
    expect(await readVersion({ path, text: changed })).toBe('2.0.0');
  });

  it('Cargo.lock: the own package only', async () => {
    const text =
      '[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry"\n\n[[package]]\nname = "a"\nversion = "1.0.0"\ndependencies = [\n "b",\n]\n\n[[package]]\nname = "b"\nversion = "1.0.0"\n';
    const second = text.indexOf('1.0.0', text.indexOf('1.0.0') + 1);
    expect(await set('Cargo.lock', text, { packageNames: ['a'] })).toBe(
      `${text.slice(0, second)}2.0.0${text.slice(second + 5)}`,
    );
  });

  it('any file by a pattern, wherever it occurs', async () => {
    const text = '__version__ = "1.0.0-rc.1"\n# not "1.0.0"\n__version__ = "1.0.0"\n';
    expect(await set('src/a.py', text, { pattern: '__version__ = "{version}"' })).toBe(
      '__version__ = "2.0.0"\n# not "1.0.0"\n__version__ = "2.0.0"\n',
    );
    expect(await set('README.md', 'use $a/1.0.0.\n', { pattern: '$a/{version}' })).toBe('use $a/2.0.0.\n');
  });
});

describe('A version file without a version to change is an error that says so', () => {
  it.each([
    ['package.json', '{"name":"a"}', 'found no version to change under "version"'],
    ['package.json', '{"name":', 'is not valid JSON'],
    ['pyproject.toml', '[project]\ndynamic = ["version"]\n', 'a dynamic version is set elsewhere'],
    ['Cargo.toml', '[package]\nversion.workspace = true\n', 'under [package]'],
    ['pom.xml', '<project><parent><version>1.0.0</version></parent></project>', "project's own <version>"],
    ['VERSION', 'one\n', 'found no version'],
    ['setup.cfg', 'version = 1.0.0', 'Give it a pattern'],
  ])('%s (case %#)', async (path, text, message) => {
    await expect(set(path, text)).rejects.toThrow(message);
  });

  it('a pattern needs one mark, and a match', async () => {
    await expect(set('a.py', 'x', { pattern: 'version' })).rejects.toThrow('exactly one {version} mark');
    await expect(set('a.py', 'x', { pattern: 'v = {version}' })).rejects.toThrow(
      'by the pattern "v = {version}"',
    );
    await expect(editVersion({ path: 'VERSION', text: '1.0.0', version: 'two' })).rejects.toThrow(
      'not a semantic version',
    );
  });
});
