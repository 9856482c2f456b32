import { onTestFinished } from 'vitest';
import { openRoleRig } from '../../support/fixture/role-rig.ts';
import type { Files, WorkTree } from '../../support/work-tree.ts';
import type { Publishing } from './publishing/registries.ts';

/** A repository as a kind of public project has it: made here, file by file and commit by commit. */
export interface Layout {
  name: string;
  /** The product's entry in windlass.yaml, as its maintainers would write it. */
  product: Record<string, unknown>;
  /** Commits in their order; a tag where its project put one. */
  history: [message: string, files?: Files, tag?: string][];
  /** Another branch that the last commits are on, from a tag. */
  line?: { branch: string; from: string; history: Layout['history'] };
  expected: {
    version: string;
    tag: string;
    /** What files hold at the new tag, by path. */
    files: Record<string, string | RegExp>;
    /** A line of the changelog, and one that is not there. */
    changes: string;
    not?: string;
    /** Where the changelog is, if not at the top. */
    changelog?: string;
    /** What the built artifact holds, where that is a text. */
    artifact?: string | RegExp;
  };
  /** Where its releases are to be had, if they are more than a tag. */
  publishing?: Publishing;
}

/** Puts the version that it is told into a file, as any build of anybody does. */
export const BUILD = [
  '#!/bin/sh',
  'set -eu',
  'printf "built %s" "$WINDLASS_VERSION" > out.txt',
  'printf \'{"artifact":"out.txt"}\' > "$WINDLASS_OUTPUT"',
  '',
].join('\n');

/** Makes the repository, and releases it once. */
export async function releaseLayout(layout: Layout) {
  const rig = await openRoleRig({
    scripts: { test: { run: 'true' }, build: { run: BUILD, shell: true } },
    ...layout.product,
  });
  onTestFinished(rig.close);
  await writeHistory(rig, layout);
  return { rig, ...(await rig.ship()) };
}

/** Commits and pushes all that its project did until the release; what is checked out is what is released. */
export async function writeHistory({ git, commit }: Pick<WorkTree, 'git' | 'commit'>, layout: Layout) {
  for (const [message, files, tag] of layout.history) await commit(message, files, tag);
  if (layout.line === undefined) return;
  git('checkout', '--quiet', '-b', layout.line.branch, layout.line.from);
  for (const [message, files, tag] of layout.line.history) await commit(message, files, tag);
}
