import { digestOf } from './digest.ts';
import type { ReleaseType } from './settings.ts';

/** Everything that a go-live decision is about. Another plan, commit or byte gives another subject. */
export interface SubjectParts {
  product: string;
  version: string;
  type: ReleaseType;
  planHash: string;
  commit: string;
  artifact: string;
  image?: string;
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
  });
}
