/** `windlass plan`: version, changelog and notes from history. Needs no server, no configuration and no network. */
import { type HistoryOptions, matchProductTags, readHistory } from '../integrations/git/history/history.ts';
import { openRepository } from '../integrations/git/history/history-refs.ts';
import { readScope } from '../integrations/git/history/history-scope.ts';
import type { History } from '../release/plan/history.ts';
import type { Plan, PlanOptions } from '../release/plan/plan-release.ts';
import { printable, printableJson } from '../release/plan/printable.ts';
import type { ProductSettings } from '../release/settings.ts';
import { describePlan, toJson } from './plan/describe-plan.ts';
import { findConfigured, findPlace, nameProduct, type Place } from './plan/find-place.ts';
import { HELP, type PlanArguments, readPlanArguments } from './plan/plan-arguments.ts';

/**
 * Runs the command.
 *
 * @param argv what follows `plan`
 * @returns the exit code: 0 done, 1 failed, 2 wrong use; for nothing to release, what `--nothing-exit` says
 */
export async function runPlan(argv: string[]): Promise<number> {
  const args = readPlanArguments(argv);
  if (args === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  try {
    return await plan(args);
  } catch (error) {
    if (!isForPeople(error)) throw error;
    process.stderr.write(`windlass plan: ${printable(error.message)}\n`);
    return 1;
  }
}

async function plan(args: PlanArguments): Promise<number> {
  const subject = await findSubject(args);
  const { product, place } = subject;
  const question = ask(args, subject);
  // The rules load while git works.
  const [{ history, whole }, { planRelease }] = await Promise.all([
    args.all
      ? readWhole(question, product)
      : readHistory(question).then((history) => ({ history, whole: null })),
    import('../release/plan/plan-release.ts'),
  ]);
  const options = { ...readOptions(args, subject), ...(await readLinks(args, product)) };
  const planned = planRelease(history, options);
  if (whole !== null) planned.changelog = whole.render(history, planned, options);
  const target = {
    ...place,
    names: subject.names,
    all: args.all,
    changelogFile: product?.changelog.file ?? 'CHANGELOG.md',
    versionFiles: product?.versionFiles ?? null,
  };
  if (question.to === 'HEAD' && place.top !== null && planned.next !== null) {
    const { reviewFiles } = await import('./plan/review-files.ts');
    planned.warnings.push(...(await reviewFiles(planned, target, args.write)));
  }
  const configured = args.product === null && place.top !== null ? findConfigured(place.top) : null;
  if (place.top !== null && configured !== null) {
    const { warnOfConfigured } = await import('./plan/warn-of-configured.ts');
    planned.warnings.push(...warnOfConfigured(place.top, configured));
  }
  const written = args.write
    ? await (await import('./plan/write-plan.ts')).writePlan(planned, options, target)
    : [];
  // The changelog alone goes to standard output there, to be kept in a file.
  if (args.all && !args.json && !args.write)
    process.stderr.write(planned.warnings.map((warning) => `Warning: ${printable(warning)}\n`).join(''));
  const uncounted = planned.next === null && !history.baseTrusted;
  const folder = place.found ? place.path : null;
  if (args.json) process.stdout.write(`${printableJson(toJson(planned))}\n`);
  else if (args.all && !args.write) process.stdout.write(printable(planned.changelog));
  else process.stdout.write(describePlan(planned, { written, uncounted, folder }));
  if (uncounted && !args.all) return 1;
  return planned.next === null ? args.nothingExit : 0;
}

/** What is planned, and where. */
interface Subject {
  repository: string;
  /** The product as it is configured, where one was named. */
  product: ProductSettings | null;
  place: Place;
  title: string;
  names: string[];
  /** What is planned where nobody said so. */
  to: string;
}

async function findSubject(args: PlanArguments): Promise<Subject> {
  if (args.product === null) {
    const repository = args.repository ?? process.cwd();
    const place = await findPlace(repository, args.paths[0] ?? null);
    return { repository, product: null, place, ...nameProduct(repository, place), to: 'HEAD' };
  }
  const { findProduct, findRepository } = await import('./plan/find-product.ts');
  const product = findProduct(args.product, args.config, process.cwd());
  const { repository, to } = await findRepository(product, args.repository, process.cwd());
  const place = await findPlace(repository, args.paths[0] ?? product.path);
  const { names } = nameProduct(repository, place);
  return { repository, product, place, title: product.title, names: [product.name, ...names], to };
}

function channelOf(args: PlanArguments, product: ProductSettings | null): string | null {
  const configured = product?.release.releaseType ?? 'stable';
  return args.prerelease ?? (configured === 'stable' ? null : configured);
}

function ask(args: PlanArguments, subject: Subject): HistoryOptions & { to: string } {
  const { product, place, repository, names, to } = subject;
  const bump = args.bump ?? product?.release.versionBump ?? 'auto';
  return {
    repository,
    from: args.from,
    to: args.to ?? to,
    tagFormat: args.tagFormat ?? product?.tagFormat ?? null,
    path: place.path,
    alsoPaths: args.paths.length > 0 ? args.paths.slice(1) : (product?.includePaths ?? []),
    excludePaths: args.excludePaths.length > 0 ? args.excludePaths : (product?.excludePaths ?? []),
    names,
    channel: channelOf(args, product),
    decided: bump !== 'auto' || args.version !== null,
  };
}

function readOptions(args: PlanArguments, { product, title }: Subject): PlanOptions {
  const changelog = product?.changelog;
  return {
    title,
    date: new Date().toISOString(),
    bump: args.bump ?? product?.release.versionBump ?? 'auto',
    version: args.version,
    prerelease: channelOf(args, product),
    format: args.format ?? changelog?.format ?? 'keep-a-changelog',
    includePullRequests: args.includePullRequests ?? changelog?.includePullRequests ?? true,
    breakingSection: args.breakingSection ?? changelog?.breakingChangesSection ?? true,
    ...(product === null ? {} : { breakingBelowOne: product.breakingBelowOne }),
    rules: changelog?.rules ?? [],
    ...(product?.git === undefined ? {} : { git: product.git }),
  };
}

/** A product's links are those of its releases; else the host's, by the clone's origin. */
async function readLinks(
  args: PlanArguments,
  product: ProductSettings | null,
): Promise<Pick<PlanOptions, 'links' | 'repositoryUrl'>> {
  const said = args.links === null ? {} : { links: { form: args.links } };
  if (product === null) return said;
  const { linksOf } = await import('../release/plan/links/product-links.ts');
  return { ...linksOf(product), ...said };
}

/** Everything for `--all`, loaded only then. One walk over the history serves the plan and all releases before it. */
async function readWhole(question: HistoryOptions, product: ProductSettings | null) {
  const [opened, { readWholeHistory, renderWholeChangelog }] = await Promise.all([
    openRepository({ ...question, allTags: true }),
    import('./plan/whole-changelog.ts'),
  ]);
  const matched = matchProductTags(question, opened.tagCommits);
  const own = { rules: product?.changelog.rules ?? [], ...(product?.git && { git: product.git }) };
  const all = readWholeHistory({ opened, matched, scope: readScope(question) }, own);
  const [{ releases }, history] = await Promise.all([
    all,
    readHistory(question, { opened, matched, work: all.then(({ work }) => work) }),
  ]);
  const render = (read: History, planned: Plan, options: PlanOptions) =>
    renderWholeChangelog({ releases }, read, planned, options);
  return { history, whole: { render } };
}

/** Mistakes that the person can put right are told without a stack; anything else is a fault of this program. */
function isForPeople(error: unknown): error is Error {
  // By name: in the package, what is loaded later has a class of its own.
  return error instanceof Error && ['HistoryError', 'PlanError'].includes(error.name);
}
