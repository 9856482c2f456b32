/** `windlass plan --write`: changelog and version files of the work tree, all of them or none. */
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HistoryError } from '../../integrations/git/git-errors.ts';
import { readWorkTreeFiles } from '../../integrations/git/work-tree-files.ts';
import { insertRelease } from '../../release/plan/changelog/changelog-file.ts';
import { findChangelog } from '../../release/plan/changelog/find-changelog.ts';
import type { Plan, PlanOptions } from '../../release/plan/plan-release.ts';
import {
  type ConfiguredFile,
  editVersionFiles,
} from '../../release/plan/version-files/edit-version-files.ts';
import { joinPath } from '../../release/plan/version-files/file-source.ts';

/** Where a plan is written, and into which files. */
export interface WritePlace {
  /** Top of the work tree, or null where there is none. */
  top: string | null;
  /** The product's folder, from the top. */
  path: string;
  /** The product's own names. */
  names: readonly string[];
  /** Whether the plan's changelog is that of the whole history. */
  all: boolean;
  /** From the product's folder, or with a leading slash from the top. */
  changelogFile: string;
  /** Null: whatever version files the folder has. */
  versionFiles: readonly ConfiguredFile[] | null;
}

/**
 * Writes the plan into the work tree. All new texts are made before the first file is touched, and each file is
 * replaced whole, so that a failure leaves no file half written.
 *
 * @returns what was done, in lines for people
 * @throws HistoryError when there is no work tree, or a file is not a plain file
 */
export async function writePlan(plan: Plan, options: PlanOptions, place: WritePlace): Promise<string[]> {
  if (plan.next === null) return ['Nothing was written, since nothing calls for a release.'];
  const { top } = place;
  if (top === null)
    throw new HistoryError('--write needs a work tree, and this repository has none. Nothing was changed.');
  const source = readWorkTreeFiles(top);
  const version = plan.next;
  const edits: { path: string; text: string }[] = [];

  const changelog = await findChangelog(source, joinPath(place.path, place.changelogFile));
  const before = await source.read(changelog);
  const lost = place.all && before !== null ? findLostLine(before, plan.changelog) : undefined;
  if (lost !== undefined) {
    throw new HistoryError(
      `${changelog} says "${lost.slice(0, 80)}", which the changelog made from the whole history does not. Nothing was changed, since --all --write would lose it. Leave --all out to insert the new release alone, or move the file away first.`,
    );
  }
  const after = place.all
    ? plan.changelog
    : insertRelease(before, {
        version,
        section: plan.changelog,
        format: options.format ?? 'keep-a-changelog',
        compareUrl: plan.compareUrl,
        unreleasedUrl: plan.unreleasedUrl,
        ...(plan.nextTag === null ? {} : { tag: plan.nextTag }),
        previousTag: plan.currentTag,
        names: place.names,
      });
  if (after !== before) edits.push({ path: changelog, text: after });
  const files = await editVersionFiles({
    source,
    folder: place.path,
    files: place.versionFiles,
    version,
    previous: plan.current,
  });
  if (files.problems.length > 0) throw new HistoryError(files.problems.join('\n'));
  edits.push(...files.edits);
  for (const { path, text } of edits) replaceFile(join(top, path), text);
  return [
    ...edits.map(({ path }) => `Wrote ${path}`),
    ...files.silent.map((path) => `${path}: states no version of its own, left as it is`),
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
