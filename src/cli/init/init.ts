/** `windlass init`: looks at a repository, and writes the configuration that fits it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Installation, isConfigMistakes } from '../../config/installation.ts';
import { loadInstallation } from '../../config/load.ts';
import { describeMistakes } from '../../config/mistakes/mistake.ts';
import { printable } from '../../release/plan/printable.ts';
import { CliProblem } from '../line/cli-problem.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import { findConfigured } from '../plan/find-place.ts';
import { type Answers, readFlags } from './answers.ts';
import type { Said } from './list-products.ts';
import { lookAtRepository, type Repository } from './look-at-repository.ts';
import { KEYS_FOLDER, type Keys, writeKeys } from './make-keys.ts';
import { propose } from './propose.ts';
import { writeSkeletons } from './write-skeletons.ts';

const HELP = `Usage: windlass init [--person NAME=ROLE[,ROLE…]]… [--staging URL] [--production URL] [--scripts]

Looks at the repository that it is run in (package.json, workspaces, lock files, Dockerfile, compose file, CI of GitHub
and GitLab, CODEOWNERS, tags, and the configuration of semantic-release, release-please, changesets, release-it,
standard-version or commit-and-tag-version, lerna and GoReleaser) and writes a commented windlass.yaml at its top,
saying what was understood, assumed, planned otherwise than by that tool, and not taken over. What it cannot know it
asks at a terminal; without one the options say it. It runs nothing of the repository, copies no secrets, and never
overwrites a file.

  --person NAME=ROLES  who decides, and as what: ceo, engineering_lead, product_manager, release_manager, qa, on_call;
                       may be given again. Each gets a token. Default: examples
  --staging URL        an environment before production
  --production URL     where customers are. Without both it is a library: published, and deployed nowhere
  --scripts            a skeleton for each program that the configuration names and the repository has not; also
                       where windlass.yaml is there already

Keys and tokens lie in ${KEYS_FOLDER}, which only you can enter and git never sees. Run again it changes nothing.

Exit codes: 0 written, 1 nothing was changed, 2 wrong use.
`;

/** `windlass init`. */
export async function runInit(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, {
    command: 'init',
    options: ['staging', 'production'],
    repeatable: ['person'],
    switches: ['scripts'],
  } as const);
  if (!read) return 0;
  const { staging, production } = read.options;
  const flags = readFlags({ people: read.lists.person, staging, production, scripts: read.switches.scripts });
  const repository = await lookAtRepository(context.folder);
  const there = findConfigured(repository.top);
  if (there !== null) return goOn(join(repository.top, there), there, flags, context);
  const { text, said, keys, answers } = await propose(repository, flags, context);
  const installation = checkText(text, context);
  await write(repository, text, keys);
  context.write(`Wrote windlass.yaml. "windlass config check" finds no mistake in it.\n${describe(said)}`);
  context.write(describeKeys(keys));
  if (answers.skeletons) context.write(describeSkeletons(writeSkeletons(repository.top, installation)));
  const [first = ''] = Object.keys(installation.products);
  context.write(
    `\nNext: edit it, then "windlass config check"; "windlass plan ${first}" shows the next version.\n`,
  );
  return 0;
}

/** A configuration that is there is a person's: at most what it names and nobody has written is added. */
function goOn(file: string, name: string, { skeletons }: Answers, context: CliContext): number {
  const loaded = skeletons ? loadInstallation({ file, environment: context.environment }) : undefined;
  if (loaded !== undefined && !isConfigMistakes(loaded)) {
    context.write(`${name} is there already, and stays as it is.\n`);
    context.write(describeSkeletons(writeSkeletons(dirname(file), loaded)));
    return 0;
  }
  const why = loaded === undefined ? '' : ' "windlass config check" says what is wrong in it.';
  context.writeError(`windlass: ${name} exists already; nothing was changed.${why}\n`);
  return 1;
}

async function write({ top }: Repository, text: string, keys: Keys): Promise<void> {
  try {
    await writeKeys(top, keys);
    writeFileSync(join(top, 'windlass.yaml'), text, { flag: 'wx' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new CliProblem(`windlass.yaml could not be written (${code}); of yours nothing was changed.`);
  }
}

/** A fact before the claim: the text is read as `config check` reads it. */
function checkText(text: string, context: CliContext): Installation {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-init-'));
  try {
    const file = join(folder, 'windlass.yaml');
    writeFileSync(file, text, { flag: 'wx' });
    const loaded = loadInstallation({ file, environment: context.environment });
    if (!isConfigMistakes(loaded)) return loaded;
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
    part('Planned otherwise than by the tool of before', said.otherwise) +
    part('Not taken over', said.notTaken)
  );
}

/** Each new key and token, once: by its place, since a terminal is read over shoulders and kept in logs. */
function describeKeys({ made }: Keys): string {
  const lines = [...made.keys()].map((name) => `  - ${KEYS_FOLDER}/${printable(name)}\n`);
  return lines.length === 0
    ? ''
    : `\nMade, for you alone to read (hand each token to its person)\n${lines.join('')}`;
}

function describeSkeletons(files: string[]): string {
  if (files.length === 0) return '\nNo script is missing: no skeleton was written.\n';
  const lines = files.map((file) => `  - ${printable(file)}\n`).join('');
  return `\nSkeletons, each of which fails until you have written it\n${lines}`;
}
