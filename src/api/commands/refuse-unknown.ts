import type { Command } from '../../contracts/commands.ts';
import { listSubjects } from '../../release/ledger/list-subjects.ts';
import { factsOf } from '../../release/ledger/questions.ts';
import type { ApiDeps } from '../deps.ts';
import type { FlowKind } from '../flows.ts';
import type { CurrentRelease } from '../gateway.ts';
import { conflict, unavailable } from '../problem.ts';

const NEXT =
  'nothing was signed; find out who started this workflow in the Temporal namespace, and end it there';

/**
 * Refuses to sign an approval of something that the ledger does not know. Anybody who reaches the Temporal namespace can
 * run a workflow under a release's id and have it ask people for whatever it likes.
 * @throws ApiProblem 409, 503 where the ledger cannot be read
 */
export async function refuseUnknown(
  deps: ApiDeps,
  kind: FlowKind,
  command: Command,
  { unverified }: Pick<CurrentRelease, 'unverified'>,
): Promise<void> {
  if (!deps.ledger || command.name !== 'approve') return;
  if (unverified !== undefined) throw conflict('not-in-ledger', `${unverified}.`, NEXT);
  const { product, releaseId, subject = '', gate } = command;
  // Read once more after what the page was shown by: it may have ended since, and this is what is signed by.
  const entries = await deps.ledger.read(product).catch((error: Error) => {
    throw unavailable(`The approval was not signed: ${error.message}`, 'retry when the ledger can be read');
  });
  const facts = factsOf(entries, releaseId);
  const isOpen = facts.started !== undefined && facts.ended === undefined;
  // What was released before is approved by its tag; its workers hold its bytes to what was built.
  const isKnown = kind.startsWith('deployment') || listSubjects(product, facts).includes(subject);
  if (isOpen && isKnown) return;
  throw conflict(
    'not-in-ledger',
    isOpen
      ? `What ${releaseId} asks for at ${gate} was not made by this installation: the ledger knows no such plan, commit and bytes.`
      : `The ledger knows no release ${releaseId} that is in flight: it was not started through this API.`,
    NEXT,
  );
}
