/** `windlass plan --write`: changelog and version files of the work tree, all of them or none. */
import { lstatSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HistoryError, runGit } from '../integrations/git/history/history-git.ts';
import { insertRelease } from '../release/plan/changelog-file.ts';
import type { History } from '../release/plan/history.ts';
import { makeLinks } from '../release/plan/links.ts';
import type { Plan, PlanOptions } from '../release/plan/plan-release.ts';
import { readVersion, setVersion } from '../release/plan/version-files.ts';

/** Version files that are changed where they exist; a file that states no version of its own is left alone. */
const VERSION_FILES = [
  'package.json',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pyproject.toml',
  'Cargo.toml',
  'Cargo.lock',
  'pom.xml',
  'VERSION',
];

/**
 * Writes the plan into the work tree. All new texts are made before the first file is touched, and each file is
 * replaced whole, so that a failure leaves no file half written.
 *
 * @returns what was done, in lines for people
 * @throws HistoryError when there is no work tree, or a file is not a plain file
 */
export async function writePlan(
  history: History,
  plan: Plan,
  options: PlanOptions,
  place: { repository: string; path: string; all: boolean },
): Promise<string[]> {
  if (plan.next === null) return ['Nothing was written, since nothing calls for a release.'];
  const top = await runGit(place.repository, ['rev-parse', '--show-toplevel']);
  if (top.code !== 0)
    throw new HistoryError('--write needs a work tree, and this repository has none. Nothing was changed.');
  const folder = join(top.stdout.trimEnd(), place.path);
  const version = plan.next;
  const edits: { name: string; text: string }[] = [];
  const lines: string[] = [];

  const before = readText(folder, 'CHANGELOG.md');
  const links = makeLinks(history.repositoryUrl);
  const lost = place.all && before !== null ? findLostLine(before, plan.changelog) : undefined;
  if (lost !== undefined) {
    throw new HistoryError(
      `CHANGELOG.md says "${lost.slice(0, 80)}", which the changelog made from the whole history does not. Nothing was changed, since --all --write would lose it. Leave --all out to insert the new release alone, or move the file away first.`,
    );
  }
  const after = place.all
    ? plan.changelog
    : insertRelease(before, {
        version,
        section: plan.changelog,
        format: options.format ?? 'keep-a-changelog',
        compareUrl: plan.compareUrl,
        unreleasedUrl: plan.nextTag === null ? null : links.compare(plan.nextTag, 'HEAD'),
      });
  if (after !== before) edits.push({ name: 'CHANGELOG.md', text: after });

  const manifest = readText(folder, 'Cargo.toml');
  const packageName = /^\[package\][^[]*?^name[ \t]*=[ \t]*"([^"]+)"/ms.exec(manifest ?? '')?.[1];
  for (const name of VERSION_FILES) {
    const text = readText(folder, name);
    if (text === null) continue;
    const edit = { path: name, text, ...(packageName === undefined ? {} : { packageName }) };
    if (readVersion(edit) === null) {
      lines.push(`${name}: states no version of its own, left as it is`);
      continue;
    }
    const changed = setVersion({ ...edit, version });
    if (changed !== text) edits.push({ name, text: changed });
  }
  for (const { name, text } of edits) replaceFile(join(folder, name), text);
  return [
    ...edits.map(({ name }) => `Wrote ${join(place.path, name)}`),
    ...lines,
    ...(edits.length === 0 ? ['All files are up to date; nothing was changed.'] : []),
  ];
}

/**
 * The first line that a person may have written and that the new text lacks. Link definitions and the dates of headings
 * may change: a release is dated when it is planned, and afterwards by its commit.
 */
function findLostLine(before: string, after: string): string | undefined {
  const comparable = (line: string) =>
    line
      .replace(/^\ufeff/, '')
      .replace(/^(#.*)\d{4}-\d{2}-\d{2}/, '$1')
      .trim();
  const kept = new Set(after.split('\n').map(comparable));
  return before
    .split('\n')
    .find(
      (line) => comparable(line) !== '' && !kept.has(comparable(line)) && !/^\[[^\]]+\]: \S+\s*$/.test(line),
    )
    ?.trim();
}

/** A file's text, or null when it does not exist. Links are refused: they may lead out of the work tree. */
function readText(folder: string, name: string): string | null {
  const path = join(folder, name);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  if (!stat.isFile())
    throw new HistoryError(`${name} is not a plain file, so it is not written through. Nothing was changed.`);
  return readFileSync(path, 'utf8');
}

function replaceFile(path: string, text: string): void {
  const temporary = `${path}.windlass-${process.pid}`;
  try {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0o644;
    writeFileSync(temporary, text, { mode, flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new HistoryError(`${path} could not be written: ${(error as Error).message}`, { cause: error });
  }
}
