import { STARTER_FILE } from '../../config/starter.ts';
import type { Product } from './list-products.ts';

export interface Choices {
  products: Product[];
  repository: string;
  branch: string;
  conventionalChangelog: boolean;
  hasDockerfile: boolean;
}

/** The text of `windlass.yaml`: the starter's head, and the products as they were found. */
export function writeConfiguration(choices: Choices): string {
  const [head = ''] = STARTER_FILE.split('\nproducts:\n');
  const publishes = choices.products.some(({ registry }) => registry !== null);
  const secrets = publishes ? head : head.replace(/^secrets:\n.*$/m, 'secrets: {}');
  return `${secrets}\nproducts:\n${choices.products.map((one) => writeProduct(one, choices)).join('\n')}`;
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
    '# Programs of the repository, run by argument list and never by a shell.',
    'scripts:',
    `  test: ops/test${product.testCommand === null ? '' : ` # for example: npm ci && ${product.testCommand}`}`,
    ...(registry === null ? ['  build: ops/build'] : ['  # build: ops/build']),
    ...(choices.hasDockerfile ? ['  # container: ops/container # builds the image of the Dockerfile'] : []),
    '# Without environments it is a library. "windlass config init --config example.yaml" shows some.',
    '# environments: { staging: …, production: … }',
  ];
  return `  ${product.key}:\n${lines.map((line) => `    ${line}\n`).join('')}`;
}
