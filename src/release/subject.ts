import { digestOf } from './digest.ts';
import type { Changes } from './policy/approval-rules.ts';
import type { ReleaseType } from './settings.ts';
import type { Built, BuiltRelease } from './values.ts';

/** Everything that a go-live decision is about. Another plan, commit or byte gives another subject. */
export interface SubjectParts {
  product: string;
  version: string;
  type: ReleaseType;
  planHash: string;
  commit: string;
  artifact: string;
  image?: string;
  /** Digests of all other bytes that are published, where there are others. */
  files?: string[];
  /** What it changes, as the approval rules ask: they go by it. */
  changes?: Changes;
}

/** The digest that approvers sign and that the protected activities compute again from what they are about to do. */
export function subjectOf(parts: SubjectParts): string {
  return digestOf({
    product: parts.product,
    version: parts.version,
    type: parts.type,
    planHash: parts.planHash,
    commit: parts.commit,
    artifact: parts.artifact,
    image: parts.image,
    files: parts.files,
    changes: parts.changes,
  });
}

/** The digests of everything that would be published to one registry. */
export function bytesOf(built: Built): string[] {
  return [
    ...(built.image === undefined ? [] : [built.image.digest]),
    ...built.files.map((f) => f.content.digest),
  ];
}

/** What a decision about a release that was built is about. */
export function subjectParts(built: BuiltRelease): SubjectParts {
  const image = built.image?.digest;
  // Of a product with images only, the image stands for the artifact as well.
  const artifact = built.artifact?.digest ?? image ?? '';
  const files = (built.built ?? [])
    .flatMap(bytesOf)
    .filter((digest) => digest !== artifact && digest !== image);
  return {
    product: built.request.product,
    version: built.version,
    type: built.type,
    planHash: built.planHash,
    commit: built.commit,
    artifact,
    ...(image === undefined ? {} : { image }),
    ...(built.changes === undefined ? {} : { changes: built.changes }),
    ...(files.length === 0 ? {} : { files: [...new Set(files)].sort() }),
  };
}
