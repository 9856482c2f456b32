/** `windlass plan`: version, changelog and notes from history. Needs no server, no configuration and no network. */
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  HistoryError,
  type HistoryOptions,
  matchProductTags,
  readHistory,
} from '../integrations/git/history/history.ts';
import { openRepository } from '../integrations/git/history/history-refs.ts';
import { readScope } from '../integrations/git/history/history-scope.ts';
import type { ChangelogFormat } from '../release/plan/changelog.ts';
import type { History } from '../release/plan/history.ts';
import type { Plan, PlanOptions } from '../release/plan/plan-release.ts';
import { printable, printableJson } from '../release/plan/printable.ts';
import { normalizeTagFormat } from '../release/plan/tag-format.ts';
import type { Bump } from '../release/settings.ts';
import { misuseOf } from './cli-problem.ts';
import { readArguments } from './read-arguments.ts';

const HELP = `windlass plan: infer the next version, and write its changelog and release notes

  --repo PATH              a folder inside the git repository (default: the current folder)
  --from TAG               count from this release tag (default: the highest one that --to contains)
  --to REF                 what would be released (default: HEAD)
  --bump auto|major|minor|patch
  --prerelease ID          plan a pre-release, such as rc
  --tag-format F           v{version}, {version}, name@{version}, name-v{version} (default: as the tags are)
  --path SUBFOLDER         only commits that touch this folder count
  --format keep-a-changelog|conventional-commits
  --no-prs                 leave numbers of pull requests out
  --no-breaking-section    mark what breaks instead of listing it in a section
  --all                    the whole history's changelog
  --json                   one JSON object
  --write                  update changelog and version files in the work tree
`;

interface PlanArguments {
  repository: string;
  from: string | null;
  to: string;
  bump: Bump | 'auto';
  prerelease: string | null;
  tagFormat: string | null;
  path: string;
  format: ChangelogFormat;
  includePullRequests: boolean;
  breakingSection: boolean;
  all: boolean;
  json: boolean;
  write: boolean;
}

/**
 * Runs the command.
 *
 * @param argv what follows `plan`
 * @returns the exit code: 0 done, 1 failed, 2 wrong use
 */
export async function runPlan(argv: string[]): Promise<number> {
  const args = readPlanArguments(argv);
  if (args === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  try {
    const product = readProduct(args);
    const question = {
      repository: args.repository,
      from: args.from,
      to: args.to,
      tagFormat: args.tagFormat,
      path: args.path,
      names: product.names,
      channel: args.prerelease,
      decided: args.bump !== 'auto',
    };
    // The rules load while git works.
    const [{ history, whole }, { planRelease }] = await Promise.all([
      args.all ? readWhole(question) : readHistory(question).then((history) => ({ history, whole: null })),
      import('../release/plan/plan-release.ts'),
    ]);
    const options: PlanOptions = {
      title: product.title,
      date: new Date().toISOString(),
      bump: args.bump,
      prerelease: args.prerelease,
      format: args.format,
      includePullRequests: args.includePullRequests,
      breakingSection: args.breakingSection,
    };
    const plan = planRelease(history, options);
    if (whole !== null) plan.changelog = whole.render(history, plan, options);
    const written = args.write
      ? await (await import('./plan-write.ts')).writePlan(history, plan, options, args)
      : [];
    // The changelog alone goes to standard output there, to be kept in a file.
    if (args.all && !args.json && !args.write)
      process.stderr.write(plan.warnings.map((warning) => `Warning: ${printable(warning)}\n`).join(''));
    const uncounted = plan.next === null && !history.baseTrusted;
    process.stdout.write(
      args.json ? `${printableJson(toJson(plan))}\n` : describePlan(plan, args, written, uncounted),
    );
    return uncounted && !args.all ? 1 : 0;
  } catch (error) {
    if (!isForPeople(error)) throw error;
    process.stderr.write(`windlass plan: ${printable(error.message)}\n`);
    return 1;
  }
}

/** Everything for `--all`, loaded only then. One walk over the history serves the plan and all releases before it. */
async function readWhole(question: HistoryOptions & { path: string }) {
  const [opened, { readWholeHistory, renderWholeChangelog }] = await Promise.all([
    openRepository({ ...question, allTags: true }),
    import('./plan-all.ts'),
  ]);
  const matched = matchProductTags(question, opened.tagCommits);
  const all = readWholeHistory({ opened, matched, scope: readScope(question) });
  const [{ releases }, history] = await Promise.all([
    all,
    readHistory(question, { opened, matched, work: all.then(({ work }) => work) }),
  ]);
  const render = (read: History, plan: Plan, options: PlanOptions) =>
    renderWholeChangelog({ releases }, read, plan, options);
  return { history, whole: { render } };
}

/** Mistakes that the person can put right are told without a stack; anything else is a fault of this program. */
function isForPeople(error: unknown): error is Error {
  return error instanceof HistoryError || (error instanceof Error && error.name === 'PlanError');
}

function readPlanArguments(argv: string[]): PlanArguments | 'help' {
  const read = readArguments(
    {
      command: 'plan',
      options: ['repo', 'from', 'to', 'bump', 'prerelease', 'tag-format', 'path', 'format'],
      switches: ['no-prs', 'no-breaking-section', 'all', 'json', 'write'],
    } as const,
    argv,
  );
  if (read === 'help') return 'help';
  const { options, switches } = read;
  const mistakes: string[] = [];
  const oneOf = <T extends string>(name: keyof typeof options, allowed: readonly T[], fallback: T): T => {
    const value = options[name];
    if (value === undefined) return fallback;
    const known = allowed.find((candidate) => candidate === value);
    if (known === undefined) mistakes.push(`--${name} ${value}: must be one of ${allowed.join(', ')}.`);
    return known ?? fallback;
  };
  const ref = (name: keyof typeof options): string | null => {
    const value = options[name] ?? null;
    if (value?.startsWith('-') === true)
      mistakes.push(`--${name} ${value}: a branch, tag or commit cannot begin with "-".`);
    return value;
  };
  const prerelease = options.prerelease ?? null;
  if (prerelease !== null && !/^(?:\d*[A-Za-z-][0-9A-Za-z-]*)$/.test(prerelease)) {
    mistakes.push(
      `--prerelease ${prerelease}: an identifier has letters, digits and hyphens only, such as rc or beta.`,
    );
  }
  const tagFormat = options['tag-format'] ?? null;
  if (tagFormat !== null) {
    try {
      normalizeTagFormat(tagFormat, 'name');
    } catch (error) {
      mistakes.push((error as Error).message);
    }
  }
  const args: PlanArguments = {
    repository: resolve(options.repo ?? '.'),
    from: ref('from'),
    to: ref('to') ?? 'HEAD',
    bump: oneOf('bump', ['auto', 'major', 'minor', 'patch'], 'auto'),
    prerelease,
    tagFormat,
    path: options.path ?? '',
    format: oneOf('format', ['keep-a-changelog', 'conventional-commits'], 'keep-a-changelog'),
    includePullRequests: !switches['no-prs'],
    breakingSection: !switches['no-breaking-section'],
    all: switches.all,
    json: switches.json,
    write: switches.write,
  };
  if (mistakes.length > 0) throw misuseOf('plan', mistakes);
  return args;
}

/** What the product calls itself: its package's name where there is one, else its folder's. */
function readProduct(args: PlanArguments): { title: string; names: string[] } {
  const folder = join(args.repository, args.path);
  const short = basename(folder);
  try {
    const name: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name;
    if (typeof name === 'string' && name !== '') {
      const bare = name.replace(/^@[^/]*\//, '');
      return { title: name, names: [...new Set([name, bare, short])] };
    }
  } catch {
    // No package.json, or not a readable one: the folder's name does.
  }
  return { title: short, names: [short] };
}

function toJson(plan: Plan) {
  const { current, next, bump, reasons, commits, changelog, notes, warnings, ...more } = plan;
  return { current, next, bump, reasons, commits, changelog, notes, warnings, ...more };
}

function describePlan(plan: Plan, args: PlanArguments, written: string[], uncounted: boolean): string {
  const lines: string[] = [];
  if (args.all && !args.write) return printable(plan.changelog);
  if (uncounted) {
    lines.push('No version can be planned.');
  } else if (plan.next === null) {
    lines.push(`Nothing calls for a release${plan.current === null ? '' : ` since ${plan.current}`}.`);
  } else {
    lines.push(
      `Next version: ${plan.next} (${plan.bump}${plan.current === null ? ', the first release' : ` after ${plan.current}`})`,
    );
  }
  if (plan.reasons.length > 0) {
    lines.push('', 'Decided by:');
    for (const reason of plan.reasons)
      lines.push(`  ${reason.sha.slice(0, 10)} ${reason.bump} ${reason.subject}`);
  }
  if (plan.warnings.length > 0) lines.push('', ...plan.warnings.map((warning) => `Warning: ${warning}`));
  if (plan.changelog !== '') lines.push('', '--- Changelog ---', '', plan.changelog.trimEnd());
  if (plan.notes !== '') lines.push('', '--- Release notes ---', '', plan.notes.trimEnd());
  if (written.length > 0) lines.push('', ...written);
  return `${printable(lines.join('\n'))}\n`;
}
