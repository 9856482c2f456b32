import { STARTER_FILE } from '../../config/starter.ts';
import { DEFAULT_POLICY } from '../../release/policy/policy.ts';
import type { Answers } from './answers.ts';
import type { Product } from './list-products.ts';
import { KEYS_FOLDER, type Keys } from './make-keys.ts';

export interface Choices {
  products: Product[];
  repository: string;
  branch: string;
  conventionalChangelog: boolean;
  hasDockerfile: boolean;
  answers: Answers;
  keys: Keys;
  /** How CI runs the tests, for what has no script of its own. */
  ciTestCommand: string | null;
}

/** The text of `windlass.yaml`: the starter's head with what is known, and the products as they were found. */
export function writeConfiguration(choices: Choices): string {
  const [head = ''] = STARTER_FILE.split('\nproducts:\n');
  const text = [writeSigning, writeSecrets, writePeople].reduce(
    (known, write) => write(known, choices),
    head,
  );
  return `${text}\nproducts:\n${choices.products.map((one) => writeProduct(one, choices)).join('\n')}`;
}

/** The starter's lines on signing, which are comments there, with the keys that were made. */
function writeSigning(head: string, { keys }: Choices): string {
  return head.replace(
    /^ {2}# Decisions are signed\.[^\n]*\n(?: {2}#[^\n]*\n)*/m,
    () => `  # Decisions are signed, and sessions sealed, with keys that "windlass init" made in ${KEYS_FOLDER}.
  signing: { key_id: main, private_key: signing_key }
  verify_keys: [{ key_id: main, public_key: ${quoted(keys.verifyKey)} }]
  cookie_key: cookie_key
`,
  );
}

function writeSecrets(head: string, { products }: Choices): string {
  const publishes = products.some(({ registry }) => registry !== null);
  const own = [
    `signing_key: { file: ${KEYS_FOLDER}/signing-key.pem, roles: [api] }`,
    `cookie_key: { file: ${KEYS_FOLDER}/cookie-key, roles: [api] }`,
  ];
  return head.replace(
    /^secrets:\n(.*\n)/m,
    (_, npm: string) => `secrets:\n${publishes ? npm : ''}${own.map((line) => `  ${line}\n`).join('')}`,
  );
}

/** The people who were named, instead of the starter's examples. */
function writePeople(head: string, { answers: { people }, keys }: Choices): string {
  if (people.length === 0) return head;
  const lines = people.map(({ login, roles }) => {
    const digest = keys.tokenDigests.get(login) ?? '';
    return `  ${quoted(login)}: { roles: [${roles.join(', ')}], token_sha256: ${digest} }\n`;
  });
  return head.replace(/^people:\n(?: {2}.*\n?)*/m, () => `people:\n${lines.join('')}`);
}

/** JSON is YAML: a text in quotes can be nothing else. */
const quoted = (value: unknown): string => JSON.stringify(value);

function writeProduct(product: Product, choices: Choices): string {
  const { path, changelogFile, releaseType, versionFiles, excludePaths, registry } = product;
  const changelog = [
    ...(changelogFile === undefined ? [] : [`file: ${quoted(changelogFile)}`]),
    ...(choices.conventionalChangelog ? ['format: conventional-commits'] : []),
  ];
  const lines = [
    `title: ${quoted(product.title)}`,
    `repository: ${quoted(choices.repository)}`,
    ...(path === '' ? [] : [`path: ${quoted(path)}`]),
    ...(excludePaths === undefined ? [] : [`exclude_paths: ${quoted(excludePaths)}`]),
    `tag_format: ${quoted(product.tagFormat)}`,
    ...(product.breakingBelowOne === undefined
      ? []
      : ['# What a breaking change moves below 1.0.0.', `breaking_below_one: ${product.breakingBelowOne}`]),
    ...(versionFiles === undefined ? [] : [`version_files: ${quoted(versionFiles)}`]),
    ...(changelog.length === 0 ? [] : [`changelog: { ${changelog.join(', ')} }`]),
    'release:',
    `  release_branch: ${quoted(choices.branch)}`,
    `  release_type: ${quoted(releaseType ?? 'stable')}`,
    ...(registry === null
      ? []
      : [
          'registries:',
          `  npm: { url: ${quoted(registry)}, access: ${product.access ?? 'public'}, token: npm_token }`,
        ]),
    ...writeApprovals(choices.answers),
    '# Your own programs, run by argument list; a text for a shell says so (docs/scripts.md).',
    'scripts:',
    `  test: ${writeTest(product, choices)}`,
    ...(registry === null ? ['  build: ops/build'] : ['  # build: ops/build']),
    ...(choices.hasDockerfile ? ['  # container: ops/container # builds the image of the Dockerfile'] : []),
    ...writeEnvironments(choices.answers),
  ];
  return `  ${product.key}:\n${lines.map((line) => `    ${line}\n`).join('')}`;
}

/** Installing what is locked and testing it, as the repository does it already; else a program that is still to come. */
function writeTest({ testCommand }: Product, { ciTestCommand }: Choices): string {
  const known = testCommand ?? ciTestCommand;
  if (known === null) return 'ops/test';
  return known.includes('&&') ? `{ run: ${quoted(known)}, shell: true }` : quoted(known);
}

/** Two roles of one person do not both count for one go-live, unless that is said. */
function writeApprovals({ people }: Answers): string[] {
  const canEachHaveOne = ([role, ...others]: string[], taken: string[]): boolean =>
    role === undefined ||
    people.some(
      ({ login, roles }) =>
        roles.includes(role) && !taken.includes(login) && canEachHaveOne(others, [...taken, login]),
    );
  const shared = Object.values(DEFAULT_POLICY)
    .map(({ goLiveApprovals }) => goLiveApprovals.filter((role) => typeof role === 'string'))
    .find((roles) => !canEachHaveOne(roles, []));
  return people.length === 0 || shared === undefined
    ? []
    : [`# ${shared.join(', ')} are not a person each here.`, 'approvals: { one_person_many_roles: true }'];
}

const ENVIRONMENT_SCRIPTS = {
  staging: ['deploy', 'verify', 'smoke'],
  production: ['deploy', 'verify', 'smoke', 'traffic', 'rollback', 'status'],
} as const;

function writeEnvironments({ environments }: Answers): string[] {
  if (environments.length === 0)
    return [
      '# Without environments it is a library. "windlass config init --config example.yaml" shows some.',
      '# environments: { staging: …, production: … }',
    ];
  return [
    'environments:',
    ...environments.flatMap(({ name, url }) => [
      `  ${name}:`,
      `    url: ${quoted(url)}`,
      '    scripts:',
      ...ENVIRONMENT_SCRIPTS[name].map((script) => `      ${script}: ops/${script}`),
      ...(name === 'production' ? ['      # backup, migrate, restore: for what has a database'] : []),
    ]),
  ];
}
