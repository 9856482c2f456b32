import type { Installation } from '../../../config/installation.ts';
import type { ReleaseActivities } from '../../../contracts/activities.ts';
import type { PreparedHotfix } from '../../../contracts/release-answers.ts';
import { cherryPick } from '../../../integrations/git/cherry-pick.ts';
import { isAncestor } from '../../../integrations/git/merge.ts';
import type { Mirror } from '../../../integrations/git/mirror/mirror.ts';
import { askMirror, fetchMirror, findCommit } from '../../../integrations/git/mirror/mirror.ts';
import { tagRef } from '../../../integrations/git/names.ts';
import { fillGitText } from '../../../release/git-texts.ts';
import { formatTag } from '../../../release/plan/tag-format.ts';
import { compareVersions, nextVersion } from '../../../release/plan/version.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct, openProductMirror } from '../../deps.ts';
import { fail } from '../../fail.ts';
import { planRelease } from '../../writer/plan-release.ts';
import { openPast } from '../environment-history.ts';
import { listRolledBack } from '../registry/find-rolled-back.ts';
import { findUsedVersions, takeFree, type UsedVersions } from '../used-versions.ts';
import { WINDLASS_SIGNATURE } from './identity.ts';

/**
 * The hotfix's line of commits on top of the version that production runs, and the plan of its patch version. Commits
 * that do not apply are all named with their files; a branch that somebody pushes under the hotfix's name instead is
 * taken on the next try. Nothing is pushed.
 */
export function prepareHotfix(deps: ActivityDeps): ReleaseActivities['prepareHotfix'] {
  return async ({ request, settings, running, commits, branch, plannedAt }) => {
    const product = findProduct(deps, request.product);
    const mirror = await openProductMirror(deps, product);
    await fetchMirror(mirror);
    const tag = formatTag(product.tagFormat, running);
    const base = await findCommit(mirror, tagRef(tag));
    if (!base) throw mistake(`production runs ${running}, but there is no tag ${tag}`);
    const past = openPast(deps, product);
    const { releaseId } = request;
    const used = await findUsedVersions(deps, product, mirror, past, { base, releaseId });
    const { version, passed } = await chooseVersion(used, running, request.version);
    const own = fillGitText('hotfixBranch', product.git, { product: product.name, version });
    const byHand = branch ?? `${own}-by-hand`;
    const tip = await makeTip(mirror, { base, commits, branch, byHand, plannedAt });
    if (tip === base) throw mistake(`it holds nothing that ${running} does not have already`);
    const planned = await planRelease(deps)({
      ready: {
        request: { ...request, version },
        settings,
        base: tip,
        previousVersion: running,
        previousTag: tag,
      },
      plannedAt,
    });
    return {
      ...planned,
      warnings: [...passed, ...planned.warnings],
      type: 'hotfix',
      branch: own,
      base,
      tip,
      previousVersion: running,
      previousTag: tag,
      takenBack: await listRolledBack(await past.records(), mirror, tip, tag),
      authors: await listAuthors(mirror, base, tip, deps.installation),
    } satisfies PreparedHotfix;
  };
}

/** The next free patch version of what runs, or the one that was asked for. */
async function chooseVersion(
  used: UsedVersions,
  running: string,
  wanted: string | undefined,
): Promise<{ version: string; passed: string[] }> {
  if (wanted === undefined) return await takeFree(used, nextVersion(running, 'patch'));
  if (compareVersions(wanted, running) <= 0) {
    throw mistake(`${wanted} was asked for, which is not above ${running}, which production runs`);
  }
  const found = await used.find(wanted);
  if (found) throw mistake(`${wanted} was asked for, which is used up: it ${found.why}`);
  return { version: wanted, passed: [] };
}

async function makeTip(
  mirror: Mirror,
  want: { base: string; commits: string[]; branch: string | undefined; byHand: string; plannedAt: string },
): Promise<string> {
  const pushed = await findCommit(mirror, want.byHand);
  if (pushed) {
    if (await isAncestor(mirror, want.base, pushed)) return pushed;
    throw mistake(`the branch ${want.byHand} does not start from what production runs (${want.base})`);
  }
  if (want.branch !== undefined) throw mistake(`there is no branch ${want.branch} in the repository`);
  const missing: string[] = [];
  const full: string[] = [];
  for (const commit of want.commits) {
    const found = await expand(mirror, commit);
    if (found) full.push(found);
    else missing.push(commit);
  }
  if (missing.length > 0) throw mistake(`there is no commit ${missing.join(', ')} in the repository`);
  const picked = await cherryPick(mirror, {
    onto: want.base,
    commits: full,
    date: want.plannedAt,
    committer: WINDLASS_SIGNATURE,
  });
  if ('sha' in picked) return picked.sha;
  const files = picked.conflicts.map((c) => `${c.commit.slice(0, 12)} in ${c.files.join(', ')}`);
  throw fail('Conflict', {
    what: `these commits do not apply to what production runs: ${files.join('; ')}`,
    changed: 'nothing',
    next: `pick them by hand onto ${want.base.slice(0, 12)}, push that as the branch ${want.byHand}, then retry; or abort`,
  });
}

/** A full id from what a person gave: at least seven digits of one commit, and nothing that git could read otherwise. */
async function expand(mirror: Mirror, commit: string): Promise<string | undefined> {
  if (!/^[0-9a-f]{7,64}$/.test(commit)) return undefined;
  const args = ['rev-parse', '--quiet', '--verify', '--end-of-options', `${commit}^{commit}`];
  const answer = await askMirror(mirror, args, { acceptExitCodes: [0, 1, 128] });
  return answer.exitCode === 0 ? answer.stdout.toString().trim() : undefined;
}

/** Who wrote it: as people of the configuration where their names are known, so that four eyes can be told. */
/**
 * Everybody who wrote the hotfix, co-authors too, by their login where configuration knows them: by mail address, as
 * git has it, or by name.
 */
async function listAuthors(
  mirror: Mirror,
  base: string,
  tip: string,
  installation: Installation,
): Promise<string[]> {
  const { stdout } = await askMirror(mirror, ['log', '-z', '--format=%an <%ae>%n%B', `${base}..${tip}`]);
  const lines = stdout
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .flatMap((commit) => {
      const [author = '', ...message] = commit.split('\n');
      // Anywhere in the message: what notes the cherry-pick comes after them, so they are no trailers any more.
      return [author, ...message.flatMap((line) => /^Co-authored-by:\s*(\S.*)$/i.exec(line)?.[1] ?? [])];
    });
  return [...new Set(lines.map((line) => nameAuthor(line, installation)))];
}

function nameAuthor(line: string, { people }: Installation): string {
  const [, name = line, address = ''] = /^(.*?)\s*<([^<>]*)>\s*$/.exec(line) ?? [];
  const byAddress = people.find(
    (person) => address !== '' && person.email?.toLowerCase() === address.toLowerCase(),
  );
  const byName = people.find((person) => person.name === name || person.displayName === name);
  return (byAddress ?? byName)?.name ?? name;
}

function mistake(what: string) {
  return fail('Mistake', {
    what: `the hotfix cannot be prepared: ${what}`,
    changed: 'nothing',
    next: 'abort, and ask again with commits (or a branch) that fit; or mend the repository and retry',
  });
}
