/** `windlass init`: looks at a repository, and writes the configuration that fits it. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isConfigMistakes } from '../../config/installation.ts';
import { loadInstallation } from '../../config/load.ts';
import { describeMistakes } from '../../config/mistakes/mistake.ts';
import * as field from '../../config/schema/fields.ts';
import { printable } from '../../release/plan/printable.ts';
import { splitTag } from '../../release/plan/tag-format.ts';
import { CliProblem } from '../line/cli-problem.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readArguments } from '../line/read-arguments.ts';
import { listProducts, type Said } from './list-products.ts';
import { lookAtRepository, type Repository } from './look-at-repository.ts';
import { findPeers } from './peers/peers.ts';
import { BrokenFile } from './read-data.ts';
import { writeConfiguration } from './write-configuration.ts';

const HELP = `Usage: windlass init

Looks at the repository that it is run in (package.json, workspaces, lock files, Dockerfile, tags, and the
configuration of semantic-release, release-please, changesets, standard-version or commit-and-tag-version)
and writes a commented windlass.yaml at its top, saying what was understood, assumed and not taken over.
It runs nothing of the repository, copies no secrets, and never overwrites a file.

Exit codes: 0 written, 1 nothing was changed, 2 wrong use.
`;

const LOCKS = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock'];

/** `windlass init`. */
export async function runInit(argv: string[], context: CliContext = processContext()): Promise<number> {
  if (readArguments({ command: 'init' }, argv) === 'help') {
    context.write(HELP);
    return 0;
  }
  const repository = await lookAtRepository(context.folder);
  const file = join(repository.top, 'windlass.yaml');
  const there = ['windlass.yaml', 'windlass.yml'].find((name) => existsSync(join(repository.top, name)));
  if (there !== undefined) {
    context.writeError(`windlass: ${there} exists already; nothing was changed.\n`);
    return 1;
  }
  const { text, said } = propose(repository);
  checkText(text, context);
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new CliProblem(`windlass.yaml could not be written (${code}); nothing was changed.`);
  }
  context.write(`Wrote windlass.yaml. "windlass config check" finds no mistake in it.\n${describe(said)}`);
  context.write('\nNext: edit it, then "windlass config check"; "windlass plan" shows the next version.\n');
  return 0;
}

function propose(repository: Repository): { text: string; said: Said } {
  const said: Said = { understood: [], assumed: [], notTaken: [] };
  try {
    repository.data('package.json');
    const peers = findPeers(repository);
    const { used } = peers;
    const products = listProducts(repository, peers, said);
    if (products.length === 0)
      throw new CliProblem('every package of the workspaces is private: nothing here is released.', {
        hint: 'Take "private" out of one, or start from "windlass config init". Nothing was changed.',
      });
    const locks = LOCKS.filter((name) => repository.files.includes(name));
    if (used !== null) said.understood.push(`${used.tool} (${used.found.file})`);
    for (const { key, tagFormat, registry, path } of products) {
      const goes = registry === null ? 'not to npm' : `to ${registry}`;
      said.understood.push(`${key}${path === '' ? '' : ` in ${path}`}: tags ${tagFormat}, published ${goes}`);
    }
    if (locks.length > 0) said.understood.push(`lock file: ${locks.join(', ')}`);
    const channels = new Set(
      repository.tags.flatMap((tag) => /-([a-z][a-z-]*)/i.exec(splitTag(tag)?.version ?? '')?.[1] ?? []),
    );
    if (channels.size > 0)
      said.understood.push(
        `pre-releases among the tags: ${[...channels].join(', ')} (a release asks by release_type)`,
      );
    const hasDockerfile = repository.files.some((name) => /(?:^|\/)Dockerfile$/.test(name));
    if (hasDockerfile)
      said.notTaken.push(
        'Dockerfile: where its image goes is not known here (registries, with kind oci; scripts.container)',
      );
    said.notTaken.push(...peers.notTaken, ...(used?.found.notTaken ?? []));
    const branch = chooseBranch(repository, used?.found.branch, said);
    const choices = {
      products,
      repository: chooseAddress(repository, said),
      branch,
      conventionalChangelog: used?.found.conventionalChangelog ?? false,
      hasDockerfile,
    };
    if (!repository.hasCommits)
      said.assumed.push('there are no commits yet: the first release follows the first one');
    said.assumed.push('people and channels are examples: say who decides');
    said.assumed.push(
      'ops/test (and ops/build, where npm packs nothing) are programs that you still have to write',
    );
    said.assumed.push('no environments: what is released is published and deployed nowhere');
    return { text: writeConfiguration(choices), said };
  } catch (error) {
    if (!(error instanceof BrokenFile)) throw error;
    throw new CliProblem(`${error.message}.`, { hint: 'Mend it and run init again. Nothing was changed.' });
  }
}

function chooseBranch(repository: Repository, asked: string | undefined, said: Said): string {
  const chosen = field.branch.safeParse(asked ?? repository.branch);
  if (!chosen.success) {
    said.assumed.push('releases are made from main');
    return 'main';
  }
  (asked === undefined ? said.assumed : said.understood).push(`releases are made from ${chosen.data}`);
  return chosen.data;
}

/** The remote without what may be a credential in it. */
function chooseAddress(repository: Repository, said: Said): string {
  const { remote } = repository;
  const bare = remote?.replace(/^(https?:\/\/)[^@/]*@/, '$1').replace(/^(ssh:\/\/[^:@/]*):[^@/]*@/, '$1@');
  if (bare !== undefined && bare !== remote) said.notTaken.push('the credential in the address of origin');
  const address = field.gitUrl.safeParse(bare);
  if (address.success) return address.data;
  said.assumed.push('the repository is this folder: there is no origin that could be named');
  return '.';
}

/** A fact before the claim: the text is read as `config check` reads it. */
function checkText(text: string, context: CliContext): void {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-init-'));
  try {
    const file = join(folder, 'windlass.yaml');
    writeFileSync(file, text, { flag: 'wx' });
    const loaded = loadInstallation({ file, environment: context.environment });
    if (!isConfigMistakes(loaded)) return;
    const what = describeMistakes({ file: 'windlass.yaml', mistakes: loaded.mistakes });
    throw new CliProblem(`what was found makes no right configuration.\n${what}`, {
      hint: 'Nothing was changed. "windlass config init" writes a plain one to start from.',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** At most a screen: a long list says how many more there are. */
function describe(said: Said): string {
  const part = (title: string, lines: string[]): string => {
    const shown = lines.slice(0, 12).map((line) => `  - ${printable(line)}\n`);
    const more = lines.length > 12 ? `  … and ${lines.length - 12} more\n` : '';
    return lines.length === 0 ? '' : `\n${title}\n${shown.join('')}${more}`;
  };
  return (
    part('Understood', said.understood) +
    part('Assumed', said.assumed) +
    part('Not taken over', said.notTaken)
  );
}
