import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { ConfigMistakes } from '../../src/config/installation.ts';
import { isConfigMistakes } from '../../src/config/installation.ts';
import { loadInstallation } from '../../src/config/load.ts';
import { describeMistakes } from '../../src/config/mistakes/mistake.ts';
import { editDistance, findNearest } from '../../src/config/mistakes/nearest.ts';
import type { Raw } from './support/config-file.ts';
import { change, loadText, makeFolder, mistakesOf, setAt, WHOLE } from './support/config-file.ts';

function loadBad(text: string): ConfigMistakes {
  const loaded = loadText(text);
  if (!isConfigMistakes(loaded)) throw new Error('the configuration was taken for right');
  return loaded;
}

/** The path of everything in a configuration, apart from itself. */
function pathsOf(value: Raw, path: string[] = []): string[][] {
  const below =
    typeof value === 'object' && value !== null
      ? Object.keys(value).flatMap((key) => pathsOf(value[key], [...path, key]))
      : [];
  return path.length === 0 ? below : [path, ...below];
}

const MANY = `products:
  shop:
    repository: { url: "ext::sh -c id", tokn: x }
    auto_trigger: true
    release: { version_bump: pathc, publish_registries: [npm] }
    scripts: { build: ../build, test: [ops/test, 3] }
    enviroments:
      production:
        url: http://shop.example
        scripts: { deploi: ops/deploy, verify: v, traffic: t, rollback: r }
        instances: 0
        canary: [{ percent: 50 }, { percent: 20 }]
people:
  ada: { roles: [ceo, engineering_leed] }
`;

describe('many mistakes in one file', () => {
  it('are all reported at once, in the file’s order, each at its place', () => {
    const found = loadBad(MANY).mistakes.map(({ line, column, path, nearest }) =>
      [`${line}:${column}`, path, ...(nearest ? [nearest] : [])].join(' '),
    );
    // Places were counted by hand in the text above.
    expect(found).toEqual([
      '3:24 products.shop.repository.url',
      '3:41 products.shop.repository.tokn token',
      '3:47 products.shop.repository.tokn',
      '4:5 products.shop.auto_trigger release.auto_trigger',
      '5:30 products.shop.release.version_bump patch',
      '5:58 products.shop.release.publish_registries[0]',
      '6:23 products.shop.scripts.build',
      '6:50 products.shop.scripts.test[1]',
      '7:5 products.shop.enviroments environments',
      '8:7 products.shop.enviroments.production',
      '9:14 products.shop.enviroments.production.url',
      '10:20 products.shop.enviroments.production.scripts.deploi deploy',
      '11:20 products.shop.enviroments.production.instances',
      '12:46 products.shop.enviroments.production.canary[1].percent',
      '14:23 people.ada.roles[1] engineering_lead',
    ]);
  });

  it('are not multiplied: what only follows from another mistake is left out', () => {
    const { mistakes } = loadBad(
      change((raw, shop) => {
        raw.secrets.npm_token = { enw: 'NPM_TOKEN', roles: ['release'] };
        shop.environments.production.scripts.deploy = '/bin/deploy';
        raw.people.ada.roles = ['seo'];
      }),
    );
    expect(mistakes.map(({ path }) => path).sort()).toEqual([
      'people.ada.roles[0]',
      'products.shop.environments.production.scripts.deploy',
      'secrets.npm_token.enw',
    ]);
  });

  it('stay few when one value is wrong, whatever it is', () => {
    const wrong = ['x', { x: 1 }];
    const whole = parse(WHOLE);
    for (const path of pathsOf(whole)) {
      for (const value of wrong) {
        const raw = structuredClone(whole);
        const parent = path.slice(0, -1).reduce((inner: Raw, key) => inner[key], raw);
        parent[path.at(-1)!] = value;
        const loaded = loadText(stringify(raw));
        // A production environment that is replaced as a whole lacks its address and five scripts, and has a strange key.
        const count = isConfigMistakes(loaded) ? loaded.mistakes.length : 0;
        expect(count, `${path.join('.')} = ${JSON.stringify(value)}`).toBeLessThanOrEqual(7);
      }
    }
  });

  it('never end in an exception, whatever stands in the file', () => {
    for (const text of [
      '- a',
      '7',
      'null',
      '"text"',
      'products: 3',
      'products: { shop: }',
      'people: [[[]]]',
      '? {a: 1}\n: 2',
    ]) {
      expect(() => loadText(text), text).not.toThrow();
    }
  });
});

describe('a file that is not YAML', () => {
  it('is reported with the place, and without the line, which may hold a secret', () => {
    const { mistakes } = loadBad('a: 1\nsecret: "hunter2\n');
    expect(mistakes[0]).toMatchObject({ expected: 'valid YAML', path: '' });
    expect(mistakes[0]!.line).toBeGreaterThan(1);
    expect(JSON.stringify(mistakes)).not.toContain('hunter2');
  });

  it('is reported when a key stands there twice', () => {
    expect(loadBad('people: {}\npeople: {}\n').mistakes[0]).toMatchObject({
      line: 2,
      found: 'Map keys must be unique',
    });
  });

  it('is refused when a name would mean something else to JavaScript', () => {
    const { mistakes } = loadBad('products:\n  __proto__: { repository: x }\n');
    expect(mistakes).toEqual([
      { path: '', line: 2, column: 3, expected: 'another name', found: '"__proto__"' },
    ]);
  });

  it('is refused when its aliases would fill the memory', () => {
    const lines = Array.from(
      { length: 12 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`,
    );
    expect(loadBad(['a0: &a0 [x]', ...lines].join('\n')).mistakes[0]!.expected).toContain('aliases');
  });

  it('is reported when it is missing or a folder', () => {
    const folder = makeFolder();
    const load = (file: string) => loadInstallation({ file, environment: {} }) as ConfigMistakes;
    expect(load(`${folder}/none.yaml`).mistakes[0]).toMatchObject({ found: 'no such file' });
    expect(load(folder).mistakes[0]).toMatchObject({ found: 'a folder' });
  });
});

describe('what may be a secret', () => {
  it('is not shown, wherever it was put by mistake', () => {
    const secret = 'ghp_V3ryS3cretValue';
    const loaded = loadBad(
      change((raw, shop) => {
        raw.secrets.npm_token.env = `${secret}!`;
        raw.secrets.other = secret;
        raw.people.ada.token_sha256 = secret;
        raw.temporal.api_key = secret;
        raw.channels.ceo = [{ slack: `https://hooks.example/${secret}` }];
        shop.repository = { url: `https://ada:${secret}@git.example/x.git`, token: secret.toLowerCase() };
        shop.environments.production.secrets = { DB: secret };
      }),
    );
    expect(loaded.mistakes.length).toBeGreaterThanOrEqual(8);
    expect(describeMistakes(loaded).toLowerCase()).not.toContain(secret.toLowerCase());
    expect(JSON.stringify(loaded).toLowerCase()).not.toContain(secret.toLowerCase());
  });
});

describe('what reaches a shell, a path, a ref or a URL', () => {
  const bad: [string, string, unknown][] = [
    ['a script outside the repository', 'scripts.test', 'ops/../../test'],
    ['an absolute script', 'scripts.test', '/bin/sh'],
    ['a script that looks like an option', 'scripts.test', '-c'],
    ['a script of the git folder', 'scripts.test', '.git/hooks/x'],
    ['a branch that looks like an option', 'release.release_branch', '--upload-pack=x'],
    ['a branch that git refuses', 'release.release_branch', 'a..b'],
    ['a tag with a space', 'tag_format', 'v {version}'],
    ['a tag with two versions', 'tag_format', '{version}-{version}'],
    ['a repository behind a program', 'repository', 'ext::sh -c id'],
    ['a repository that is an option', 'repository', '--upload-pack=id'],
    ['a host that is an option', 'repository', 'ssh://-oProxyCommand=id/x'],
    ['a URL with a password', 'registries.npm.url', 'https://a:b@c.test'],
    ['another scheme', 'environments.staging.url', 'javascript:alert(1)'],
    ['a URL with spaces', 'environments.staging.url', 'https://a.test/ b'],
    ['an environment name with capitals', 'environments.Prod', {}],
    ['a variable that Windlass sets', 'variables.PATH', '/x'],
    ['a variable with a NUL', 'variables.X', 'a\0b'],
    ['a title of two lines', 'title', 'a\nb'],
    ['a title that turns the text around', 'title', 'a\u202eb'],
    ['a state file outside', 'state.state_file', '../state.yml'],
    ['latest as a channel', 'release.release_type', 'latest'],
  ];
  it.each(bad)('is refused: %s', (_, path, value) => {
    const found = mistakesOf((_raw, shop) => setAt(shop, path, value));
    expect(found.map((mistake) => mistake.slice(0, mistake.indexOf(': ')))).toContain(
      `products.shop.${path}`,
    );
  });

  it('is refused: a product name with a slash', () => {
    const found = mistakesOf((raw, shop) => setAt(raw.products, 'a/b', shop));
    expect(found).toEqual([expect.stringContaining('products."a/b": a product name of lower-case letters')]);
  });

  const good: [string, string, string][] = [
    ['ssh', 'repository', 'ssh://git@git.example:2222/team/shop.git'],
    ['the short form of ssh', 'repository', 'git@git.example:team/shop.git'],
    ['a file URL', 'repository', 'file:///srv/git/shop.git'],
    ['a scoped tag', 'tag_format', '@team/{product}@{version}'],
    ['a branch with a slash', 'release.release_branch', 'release/2.x'],
    ['a hidden folder', 'changelog.file', '.github/CHANGELOG.md'],
  ];
  it.each(good)('is taken: %s', (_, path, value) => {
    expect(mistakesOf((_raw, shop) => setAt(shop, path, value))).toEqual([]);
  });
});

describe('the nearest name', () => {
  it('is found by edit distance, with the textbook’s values', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('ca', 'ac')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('same', 'same')).toBe(0);
  });

  it('knows other tools’ spelling, and does not guess wildly', () => {
    expect(findNearest('tagFormat', ['path', 'tag_format'])).toBe('tag_format');
    expect(findNearest('xyzzy', ['path', 'tag_format'])).toBeUndefined();
  });
});
