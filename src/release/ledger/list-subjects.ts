import { digestOf } from '../digest.ts';
import { type SubjectParts, subjectOf } from '../subject.ts';
import type { ReleaseFacts } from './questions.ts';

/**
 * Every digest that a decision on a release can be about, by what the roles have written down of it: the texts of each
 * plan, and each build of it with its commit and bytes. Whatever else a workflow asks people to approve, nobody made.
 */
export function listSubjects(product: string, facts: ReleaseFacts): string[] {
  const reviews = facts.planned.map(({ planHash }) => digestOf({ review: planHash }));
  const builds = facts.built.flatMap((built) => {
    const { commit, image } = built;
    // Of a product with images only, the image stands for the artifact as well.
    const artifact = built.artifact ?? image ?? '';
    const made = facts.committed.filter((each) => each.commit === commit);
    const planned = facts.planned.filter(({ binds }) => made.some((each) => each.binds === binds));
    const files = built.files.filter((digest) => digest !== artifact && digest !== image);
    return planned.map(({ version, type, planHash, changes }) => {
      const parts: SubjectParts = { product, version, type, planHash, commit, artifact };
      return subjectOf({
        ...parts,
        ...(image === undefined ? {} : { image }),
        ...(changes === undefined ? {} : { changes }),
        ...(files.length === 0 ? {} : { files: [...new Set(files)].sort() }),
      });
    });
  });
  return [...reviews, ...builds];
}
