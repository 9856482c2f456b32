import * as field from '../../config/schema/fields.ts';
import { splitTag } from '../../release/plan/tag-format.ts';
import { CliProblem } from '../line/cli-problem.ts';
import type { CliContext } from '../line/context.ts';
import type { Answers } from './answers.ts';
import { askPeople } from './ask-people.ts';
import { listProducts, type Product, type Said } from './list-products.ts';
import { lookAround } from './look-around.ts';
import type { Repository } from './look-at-repository.ts';
import { lookAtCi } from './looks/ci.ts';
import { type Keys, prepareKeys } from './make-keys.ts';
import { tellDifference } from './peers/differences.ts';
import { findPeers, type PeersFound } from './peers/peers.ts';
import { BrokenFile } from './read-data.ts';
import { writeConfiguration } from './write-configuration.ts';

const LOCKS = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock'];

/** What `init` would write, and what it says about it. */
export interface Proposal {
  text: string;
  said: Said;
  keys: Keys;
  answers: Answers;
}

/**
 * Looks at everything, asks what is left open where somebody sits at the terminal, and writes nothing yet.
 * @throws CliProblem where nothing here can be released, or a file that must be read is broken
 */
export async function propose(
  repository: Repository,
  flags: Answers,
  context: CliContext,
): Promise<Proposal> {
  const said: Said = { understood: [], assumed: [], otherwise: [], notTaken: [] };
  try {
    repository.data('package.json');
    const ci = lookAtCi(repository);
    const peers = findPeers(repository, ci.releasing);
    const { used } = peers;
    const products = listProducts(repository, peers, said);
    if (products.length === 0)
      throw new CliProblem('every package of the workspaces is private: nothing here is released.', {
        hint: 'Take "private" out of one, or start from "windlass config init". Nothing was changed.',
      });
    const { ask } = context;
    if (flags.environments.length > 0 && products.length > 1)
      throw new CliProblem(
        `${products.length} products were found, and --staging and --production are for one.`,
        {
          hint: 'Leave them out, and write environments where they belong. Nothing was changed.',
        },
      );
    tellProducts(products, repository, used, said);
    const { owners, hasDockerfile } = lookAround(repository, ci, said);
    said.otherwise.push(...(used?.found.differences ?? []).map(tellDifference));
    said.notTaken.push(...peers.notTaken, ...(used?.found.notTaken ?? []));
    const suggested = {
      self: repository.self ?? undefined,
      owners: owners?.people ?? [],
      environments: ci.environments,
      isOneProduct: products.length === 1,
    };
    const answers = ask === undefined ? flags : await askPeople(ask, flags, suggested);
    const keys = prepareKeys(repository.top, answers.people);
    const text = writeConfiguration({
      products,
      repository: chooseAddress(repository, said),
      branch: chooseBranch(repository, used?.found.branch, said),
      conventionalChangelog: used?.found.conventionalChangelog ?? false,
      hasDockerfile,
      answers,
      keys,
      ciTestCommand: ci.testCommand,
    });
    tellAssumed({ text, answers, repository, environments: ci.environments, products }, said);
    return { text, said, keys, answers };
  } catch (error) {
    if (!(error instanceof BrokenFile)) throw error;
    throw new CliProblem(`${error.message}.`, { hint: 'Mend it and run init again. Nothing was changed.' });
  }
}

function tellProducts(
  products: Product[],
  repository: Repository,
  used: PeersFound['used'],
  { understood }: Said,
): void {
  if (used !== null) understood.push(`${used.tool} (${used.found.file})`);
  for (const { key, tagFormat, registry, path } of products) {
    const goes = registry === null ? 'not to npm' : `to ${registry}`;
    understood.push(`${key}${path === '' ? '' : ` in ${path}`}: tags ${tagFormat}, published ${goes}`);
  }
  const locks = LOCKS.filter((name) => repository.files.includes(name));
  if (locks.length > 0) understood.push(`lock file: ${locks.join(', ')}`);
  const channels = new Set(
    repository.tags.flatMap((tag) => /-([a-z][a-z-]*)/i.exec(splitTag(tag)?.version ?? '')?.[1] ?? []),
  );
  if (channels.size > 0)
    understood.push(
      `pre-releases among the tags: ${[...channels].join(', ')} (a release asks by release_type)`,
    );
}

interface Decided {
  text: string;
  answers: Answers;
  repository: Repository;
  environments: { name: string; url: string | null }[];
  products: readonly Product[];
}

function tellAssumed(
  { text, answers, repository, environments, products }: Decided,
  { assumed }: Said,
): void {
  if (!repository.hasCommits)
    assumed.push('there are no commits yet: the first release follows the first one');
  if (answers.people.length === 0)
    assumed.push('people and channels are examples: say who decides (--person)');
  else assumed.push('channels are files: say where notices go');
  if (answers.people.length === 1)
    assumed.push(
      `${answers.people[0]?.login} decides alone, and cannot approve what they asked for themselves: name a second person`,
    );
  const programs = [...new Set(text.match(/(?<=^ *[a-z]+: )ops\/[a-z]+/gm))];
  if (programs.length > 0)
    assumed.push(`${programs.join(', ')}: programs that you still have to write (--scripts makes skeletons)`);
  const published = products.filter(({ registry }) => registry !== null);
  if (published.length > 0)
    assumed.push(
      `the names on npm are free or yours (${published.map(({ title }) => title).join(', ')}): no registry was asked; "windlass preflight" does`,
    );
  if (answers.environments.length > 0) return;
  const known = environments.map(({ name, url }) => (url === null ? name : `${name} (${url})`));
  assumed.push(
    `no environments: what is released is published and deployed nowhere${known.length === 0 ? '' : `; CI knows ${known.join(', ')}`}`,
  );
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
