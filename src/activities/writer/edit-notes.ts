import type { WriterActivities } from '../../contracts/activities.ts';
import type { Planned } from '../../contracts/release-answers.ts';
import type { StoreRef } from '../../release/store-ref.ts';
import type { ActivityDeps } from '../deps.ts';
import { fail } from '../fail.ts';
import { hashPlan, pickPlanned } from './hash-plan.ts';

/** Takes over a reviewer's texts, which the API put into the store. An edit makes another plan hash. */
export function editNotes(deps: ActivityDeps): WriterActivities['editNotes'] {
  return async ({ plan, changelog, notes }) => {
    const edited: Planned = {
      ...plan,
      ...(changelog === undefined ? {} : { changelog: await findText(deps, changelog) }),
      ...(notes === undefined ? {} : { notes: await findText(deps, notes) }),
    };
    return { ...pickPlanned(edited), planHash: hashPlan(edited) };
  };
}

/** The reference to a text of which the signed command names the digest only. */
async function findText(deps: ActivityDeps, named: string): Promise<StoreRef> {
  if (!isDigest(named)) {
    throw fail('Mistake', {
      what: 'the edited text is named by something that is not a digest',
      changed: 'nothing',
      next: 'edit the texts on the page, or send the digest of a text that is in the store',
    });
  }
  const bytes = await deps.store.read({ digest: named, bytes: 0 });
  return { digest: named, bytes: bytes.length, mediaType: 'text/markdown' };
}

function isDigest(text: string): text is StoreRef['digest'] {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}
