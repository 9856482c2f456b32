import { posix } from 'node:path';
import * as field from '../../config/schema/fields.ts';
import { NPM_ACCESS } from '../../providers/registry/npm/kind.ts';
import { guessTagFormat, isFormatOf, isWholeFormat } from '../../release/plan/tag-format.ts';
import { findPackages, listWorkspaceGlobs } from './find-packages.ts';
import type { Repository } from './look-at-repository.ts';
import { listLernaGlobs } from './peers/lerna.ts';
import type { PeerProduct } from './peers/peer.ts';
import type { PeersFound } from './peers/peers.ts';
import { type Data, partOf, textOf } from './read-data.ts';

/** A product as the configuration will have it. Every value fits the configuration's schema. */
export interface Product extends PeerProduct {
  key: string;
  title: string;
  /** Npm's registry, or null for what is not published there. */
  registry: string | null;
  /** What installs and tests the package, or null for what has no tests of npm's kind. */
  testCommand: string | null;
}

export interface Said {
  understood: string[];
  assumed: string[];
  /** What the plan makes otherwise than the tool of before. */
  otherwise: string[];
  notTaken: string[];
}

const NPM = 'https://registry.npmjs.org/';

/** One product for each package that is released, or one for the repository. */
export function listProducts(repository: Repository, peers: PeersFound, said: Said): Product[] {
  const found = peers.used?.found;
  const workspaces = listWorkspaces(repository);
  const byPackage = workspaces.length > 0 && (found === undefined || found.packageTags !== undefined);
  const plain: PeerProduct[] = found?.products?.length
    ? found.products
    : byPackage
      ? workspaces.map((path) => ({ path }))
      : [{ path: '' }];
  const used = new Set<string>();
  return plain.flatMap((one) => {
    const manifest = repository.data(posix.join(one.path, 'package.json'));
    if (byPackage && found?.products === undefined && manifest?.['private'] === true) return [];
    const fullName = textOf(manifest?.['name']) ?? one.name ?? posix.basename(one.path || repository.top);
    const tags = byPackage ? found?.packageTags?.replace('{name}', () => fullName) : undefined;
    const product: PeerProduct = {
      ...found?.common,
      ...(tags === undefined ? {} : { tagFormat: tags }),
      ...one,
    };
    const key = nameKey(fullName, used);
    return [finish({ product, key, fullName, manifest, workspaces }, repository, said)];
  });
}

/** Folders of the packages that npm, yarn, pnpm or lerna know. */
function listWorkspaces(repository: Repository): string[] {
  const globs = listWorkspaceGlobs(repository);
  return findPackages(repository, globs.length > 0 ? globs : listLernaGlobs(repository));
}

function nameKey(fullName: string, used: Set<string>): string {
  const bare = fullName
    .replace(/^@[^/]*\//, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  const base = bare.slice(0, 44).replace(/^-+|-+$/g, '') || 'product';
  let key = base;
  for (let number = 2; used.has(key); number++) key = `${base}-${number}`;
  used.add(key);
  return key;
}

interface Rough {
  product: PeerProduct;
  key: string;
  fullName: string;
  manifest: Data | null;
  workspaces: string[];
}

function finish(rough: Rough, repository: Repository, said: Said): Product {
  const { product, key, fullName, manifest, workspaces } = rough;
  const publishing = partOf(manifest, 'publishConfig');
  const isPublic = manifest !== null && manifest['private'] !== true && manifest['name'] !== undefined;
  const publishes = isPublic && product.publishes !== false;
  const registry = field.url.safeParse(publishing['registry']);
  const access = NPM_ACCESS.find((one) => one === publishing['access']) ?? product.access;
  const unscoped = !fullName.startsWith('@');
  const scripts = partOf(manifest, 'scripts');
  const names = [fullName, key, posix.basename(product.path)];
  const tagFormat = product.tagFormat ?? tagsOf(repository, product.path === '' ? null : names);
  if (tagFormat === undefined)
    said.assumed.push(
      `${key}: tags will be ${product.path === '' ? 'v{version}' : `${key}@{version}`}; none shows another format`,
    );
  if (registry.error && publishing['registry'] !== undefined)
    said.notTaken.push(`${key}: publishConfig.registry is no plain https address (it is not copied)`);
  const result: Product = {
    ...product,
    key,
    title: field.line.safeParse(fullName).data ?? key,
    tagFormat: tagFormat ?? (product.path === '' ? 'v{version}' : `${key}@{version}`),
    registry: publishes ? (registry.data ?? NPM) : null,
    access: access ?? (unscoped ? 'public' : 'restricted'),
    testCommand: textOf(scripts['test']) === undefined ? null : testByPackageManager(repository),
  };
  if (product.path === '' && workspaces.length > 0)
    said.assumed.push(`${key}: the whole repository is one product, with ${workspaces.length} workspaces`);
  dropUnfit(result, said);
  return result;
}

/** Installs exactly what is locked, where something is, and runs the package's own tests. */
function testByPackageManager({ files }: Repository): string {
  if (files.includes('pnpm-lock.yaml')) return 'pnpm install --frozen-lockfile && pnpm test';
  if (files.includes('yarn.lock'))
    return `yarn install ${files.includes('.yarnrc.yml') ? '--immutable' : '--frozen-lockfile'} && yarn test`;
  if (files.includes('bun.lock') || files.includes('bun.lockb'))
    return 'bun install --frozen-lockfile && bun run test';
  const isLocked = files.includes('package-lock.json') || files.includes('npm-shrinkwrap.json');
  return `npm ${isLocked ? 'ci' : 'install'} && npm test`;
}

/** The format that most tags of the repository, or of the package with these names, have. */
function tagsOf(repository: Repository, names: string[] | null): string | undefined {
  const counts = new Map<string, number>();
  for (const tag of repository.tags) {
    const format = guessTagFormat(tag);
    if (format === null || !(names === null ? isWholeFormat(format) : isFormatOf(format, names))) continue;
    counts.set(format, (counts.get(format) ?? 0) + 1);
  }
  return [...counts].sort((left, right) => right[1] - left[1])[0]?.[0];
}

/** What a peer allows and the configuration does not is told, and left to its default. */
function dropUnfit(product: Product, said: Said): void {
  const drop = (what: string) =>
    said.notTaken.push(`${product.key}: its ${what} cannot be written so here; the default stands`);
  if (!field.tagFormat.safeParse(product.tagFormat).success) {
    drop('tag format');
    product.tagFormat = 'v{version}';
  }
  if (product.changelogFile !== undefined && !field.productFile.safeParse(product.changelogFile).success) {
    drop('changelog file');
    delete product.changelogFile;
  }
  if (product.releaseType !== undefined && !field.channel.safeParse(product.releaseType).success) {
    drop('pre-release channel');
    delete product.releaseType;
  }
  const files = product.versionFiles?.filter((file) => field.productFile.safeParse(file).success);
  if (files !== undefined && files.length < (product.versionFiles?.length ?? 0)) {
    const unfit = product.versionFiles?.filter((file) => !files.includes(file)) ?? [];
    said.notTaken.push(
      `${product.key}: ${unfit.map((file) => JSON.stringify(file)).join(', ')} cannot stand under version_files: its version stays as it is`,
    );
    if (files.length > 0) product.versionFiles = files;
    else delete product.versionFiles;
  }
  if (product.excludePaths?.some((path) => !field.repositoryPath.safeParse(path).success)) {
    drop('excluded paths');
    delete product.excludePaths;
  }
  if (product.path !== '' && !field.repositoryPath.safeParse(product.path).success) {
    drop('place in the repository');
    product.path = '';
  }
}
