/** What `windlass init` asks, takes from flags, and makes; and what it reads beside the packages. */
import { spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, sign, verify } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { runConfig } from '../../../src/cli/config.ts';
import { runInit } from '../../../src/cli/init/init.ts';
import { isConfigMistakes } from '../../../src/config/installation.ts';
import { loadInstallation } from '../../../src/config/load.ts';
import { readPublicKey } from '../../../src/integrations/signing/signing.ts';
import { createRepository, type TestRepository } from '../../integrations/git/history-repository.ts';
import { makeContext, say } from '../cli-context.ts';

let repository: TestRepository;
beforeEach(() => {
  repository = createRepository();
  repository.write('package.json', JSON.stringify({ name: 'shop', private: true }));
});
afterEach(() => repository.remove());

const init = async (...args: string[]) => await say(runInit, args, {}, repository.folder);
const file = (...parts: string[]) => join(repository.folder, ...parts);
function load() {
  const loaded = loadInstallation({ file: file('windlass.yaml'), environment: {} });
  if (isConfigMistakes(loaded)) throw new Error(JSON.stringify(loaded.mistakes));
  return loaded;
}
const EVERYBODY = [
  ['--person', 'ada=ceo,product_manager'],
  ['--person', 'ben=engineering_lead,on_call'],
  ['--person', 'cleo=release_manager,qa'],
].flat();

describe('what lies around the packages', () => {
  it('is read of GitHub’s workflows: tests, what releases, environments, names of secrets', async () => {
    repository.write(
      '.github/workflows/ci.yml',
      `on: push
jobs:
  test:
    steps:
      - uses: actions/checkout@v4
      - run: |
          echo \${{ matrix.node }}
          make test
  release:
    environment: { name: production, url: https://shop.example }
    steps:
      - run: npx semantic-release
        env: { NPM_TOKEN: "\${{ secrets.NPM_TOKEN }}", PASSWORD: hunter2 }
`,
    );
    repository.write('.github/workflows/broken.yaml', 'jobs: { a: hunter2: ] }');
    const { out } = await init();
    expect(load().products['shop']?.scripts.test?.run).toEqual(['make', 'test']);
    expect(out).toContain('.github/workflows/ci.yml runs semantic-release: take that away');
    expect(out).toContain('secrets of CI (NPM_TOKEN)');
    expect(out).toContain('CI knows production (https://shop.example)');
    expect(out).toMatch(/broken\.yaml is neither JSON nor YAML/);
    expect(out + readFileSync(file('windlass.yaml'), 'utf8')).not.toContain('hunter2');
  });

  it('is read of GitLab’s jobs, whether their script is a text or a list', async () => {
    repository.write(
      '.gitlab-ci.yml',
      `stages: [test, deploy]
default: { before_script: [echo hi] }
.hidden: &all { tags: [a] }
unit: { stage: test, script: cargo test --locked }
ship:
  <<: *all
  script: ["goreleaser release", "deploy"]
  environment: staging
`,
    );
    const { out } = await init();
    expect(load().products['shop']?.scripts.test?.run).toEqual(['cargo', 'test', '--locked']);
    expect(out).toContain('.gitlab-ci.yml runs GoReleaser');
    expect(out).toContain('CI knows staging');
  });

  it('is read of CODEOWNERS and of a compose file', async () => {
    repository.write(
      '.github/CODEOWNERS',
      '# @nobody\n* @acme/platform @ada\n/docs @ben @ada me@example.test\n',
    );
    repository.write('compose.yaml', 'services: { web: { image: a }, db: {} }\n');
    const { out } = await init();
    expect(out).toContain('.github/CODEOWNERS: ada, ben');
    expect(out).toContain('who is in acme/platform only the host knows');
    expect(out).toContain('compose.yaml (web, db)');
  });

  it('installs what is locked before the package’s own tests', async () => {
    const scripts = { test: 'vitest' };
    repository.write('package.json', JSON.stringify({ name: 'shop', private: true, scripts }));
    for (const [lock, run] of [
      ['package-lock.json', 'npm ci && npm test'],
      ['yarn.lock', 'yarn install --frozen-lockfile && yarn test'],
      ['pnpm-lock.yaml', 'pnpm install --frozen-lockfile && pnpm test'],
    ] as const) {
      repository.write(lock, '{}');
      await init();
      expect(load().products['shop']?.scripts.test).toMatchObject({ run: [run], shell: true });
      rmSync(file('windlass.yaml'));
      rmSync(file(lock));
    }
  });
});

describe('without a terminal', () => {
  it('takes people and environments from flags', async () => {
    const { code, out } = await init(
      ...EVERYBODY,
      ...['--staging', 'https://staging.shop.example', '--production', 'https://shop.example'],
    );
    expect(code).toBe(0);
    const { people, products } = load();
    expect(people.map(({ name, roles }) => [name, roles.join()])).toEqual([
      ['ada', 'ceo,product_manager'],
      ['ben', 'engineering_lead,on_call'],
      ['cleo', 'release_manager,qa'],
    ]);
    expect(products['shop']?.environments.map(({ name, url }) => [name, url])).toEqual([
      ['staging', 'https://staging.shop.example'],
      ['production', 'https://shop.example'],
    ]);
    expect(out).not.toContain('people and channels are examples');
    // Also before anything is committed.
    expect(await say(runConfig, ['check'], {}, repository.folder)).toMatchObject({
      code: 0,
    });
  });

  it('makes keys and tokens that fit the file, in a folder for this user alone, which git does not see', async () => {
    const { out } = await init(...EVERYBODY);
    const { api, people } = load();
    const keys = file('.windlass', 'keys');
    expect(statSync(keys).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(keys)) expect(statSync(join(keys, name)).mode & 0o777).toBe(0o600);
    expect(repository.git('status', '--porcelain', '--untracked-files=all')).not.toContain('.windlass');
    const text = Buffer.from('a decision');
    const signature = sign(null, text, createPrivateKey(readFileSync(join(keys, 'signing-key.pem'))));
    expect(verify(null, text, readPublicKey(api.verifyKeys[0]!.publicKey), signature)).toBe(true);
    const token = readFileSync(join(keys, 'token-ada'), 'utf8').trim();
    const digest = createHash('sha256').update(token).digest('hex');
    expect(people.find(({ name }) => name === 'ada')?.tokenSha256).toBe(digest);
    for (const name of ['signing-key.pem', 'cookie-key', 'token-ada', 'token-ben', 'token-cleo'])
      expect(out.split(`.windlass/keys/${name}\n`)).toHaveLength(2);
    expect(out).not.toContain(token);
  });

  it('says that one person alone cannot approve what they ask for', async () => {
    const { out } = await init(
      '--person',
      'ada=ceo,engineering_lead,release_manager,qa,product_manager,on_call',
    );
    expect(out).toContain('ada decides alone');
    expect(readFileSync(file('windlass.yaml'), 'utf8')).toContain('one_person_many_roles: true');
  });

  it.each([
    [
      'the last word and the reader of the notes',
      ['ada=ceo,release_manager', 'ben=engineering_lead,on_call', 'dora=qa,product_manager'],
    ],
    ['every role', ['ada=ceo,engineering_lead,release_manager,qa,product_manager,on_call', 'ben=qa']],
  ])('writes what passes its own check where one person has %s', async (_, people) => {
    const { code, err } = await init(...people.flatMap((one) => ['--person', one]));
    expect([code, err]).toEqual([0, '']);
    expect(readFileSync(file('windlass.yaml'), 'utf8')).toContain('one_person_many_roles: true');
  });

  it('tells every mistake in the flags at once, and changes nothing', async () => {
    const { code, err } = await init(
      '--person',
      'ada',
      '--person',
      'ben=C E O',
      '--production',
      'shop.example',
    );
    expect(code).toBe(2);
    expect(err.match(/^windlass/gm)).toHaveLength(3);
    expect(readdirSync(repository.folder).sort()).toEqual(['.git', 'package.json']);
  });
});

describe('at a terminal', () => {
  /** Answers in order; what nobody wrote is an empty answer. */
  async function talk(answers: Record<string, string[]>, ...args: string[]) {
    const { context, said } = makeContext({}, repository.folder);
    const asked: string[] = [];
    const code = await runInit(args, {
      ...context,
      ask: async (question, fallback) => {
        asked.push(`${question} [${fallback}]`);
        const [, mine] = Object.entries(answers).find(([word]) => question.includes(word)) ?? [];
        return mine?.shift() ?? '';
      },
    });
    return { code, asked, ...said };
  }

  it('asks who decides and where, with defaults that work', async () => {
    repository.git('config', 'user.name', 'Zoë Ünal');
    repository.write('CODEOWNERS', '* @ben\n');
    const { code, asked } = await talk({});
    expect(code).toBe(0);
    expect(asked[0]).toBe(
      'Who reads changelog and notes, and asks for releases (release_manager)? [zoe-unal]',
    );
    expect(asked[1]).toContain('(engineering_lead)? [ben]');
    expect(asked.slice(-3).map((question) => question.slice(-7))).toEqual([' [none]', ' [none]', ' n? [n]']);
    const { people, products } = load();
    expect(people.find(({ name }) => name === 'zoe-unal')?.roles).toEqual(['release_manager']);
    expect(products['shop']?.environments).toEqual([]);
  });

  it('takes the addresses of CI’s environments as defaults, and asks again after what is no address', async () => {
    repository.write(
      '.gitlab-ci.yml',
      'a: { script: x, environment: { name: staging, url: "https://staging.shop.example" } }\n',
    );
    const { asked } = await talk({ production: ['shop.example', 'https://shop.example'] });
    expect(asked).toContain(
      'Where is staging, by its address? "none" where there is none. [https://staging.shop.example]',
    );
    expect(asked.filter((question) => question.includes('Where is production'))).toHaveLength(2);
    expect(load().products['shop']?.environments.map(({ url }) => url)).toEqual([
      'https://staging.shop.example',
      'https://shop.example',
    ]);
  });

  it('does not ask what flags have said', async () => {
    const { asked } = await talk({}, ...EVERYBODY, '--production', 'https://shop.example', '--scripts');
    expect(asked).toEqual([]);
  });
});

describe('--scripts', () => {
  it('writes programs that say what they must do and fail until somebody has written them', async () => {
    const { out } = await init('--scripts', '--production', 'https://shop.example');
    expect(out).toContain('- ops/deploy\n');
    const ran = spawnSync(file('ops', 'deploy'), { encoding: 'utf8' });
    expect([ran.status, ran.stderr]).toEqual([1, 'ops/deploy is still to be written.\n']);
    expect(readFileSync(file('ops', 'deploy'), 'utf8')).toContain('Puts the version on a slot');
    expect(readdirSync(file('ops')).sort()).toEqual(
      ['build', 'deploy', 'rollback', 'smoke', 'status', 'test', 'traffic', 'verify'].sort(),
    );
  });

  it('adds only what is missing where a person has gone on', async () => {
    await init('--production', 'https://shop.example');
    const written = `${readFileSync(file('windlass.yaml'), 'utf8')}# mine\n`;
    writeFileSync(file('windlass.yaml'), written);
    repository.write('ops/deploy', '#!/bin/sh\n# mine\n');
    const before = new Map(
      readdirSync(file('.windlass', 'keys')).map((name) => [
        name,
        readFileSync(file('.windlass', 'keys', name), 'utf8'),
      ]),
    );
    const { code, out } = await init('--scripts');
    expect([code, out.includes('ops/deploy\n'), out.includes('ops/verify\n')]).toEqual([0, false, true]);
    expect(readFileSync(file('windlass.yaml'), 'utf8')).toBe(written);
    expect(readFileSync(file('ops', 'deploy'), 'utf8')).toBe('#!/bin/sh\n# mine\n');
    for (const [name, text] of before)
      expect(readFileSync(file('.windlass', 'keys', name), 'utf8')).toBe(text);
    expect((await init('--scripts')).out).toContain('No script is missing');
    expect(await init()).toMatchObject({ code: 1, err: expect.stringContaining('exists already') });
  });
});
