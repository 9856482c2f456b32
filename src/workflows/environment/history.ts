import { patched } from '@temporalio/workflow';
import type { DeploymentInput, RollbackInput } from '../../contracts/workflows.ts';
import type { HistoryEntry } from '../../release/record/environment-history.ts';
import { type DeploymentContext, findPrevious } from '../deployment/deployment-context.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import type { EventBody } from '../shared/event-body.ts';
import type { RoleActivities } from '../shared/role-activities.ts';

/** Takes what the record says where the store could not keep it. */
type Unkept = (event: EventBody) => void;

/** Keeps that a version has all of an environment: what a rollback goes by, long after this workflow. */
export async function noteWentLive(context: DeploymentContext): Promise<void> {
  const { input, generation } = context;
  const previous = findPrevious(context);
  const entry: HistoryEntry = {
    ...describeChange(input, generation),
    event: 'went_live',
    version: input.version,
    ...(previous === undefined ? {} : { before: previous.version }),
    type: input.type,
    commit: input.commit,
    ...(input.bundle === undefined ? {} : { bundle: input.bundle }),
    ...(input.artifact === undefined ? {} : { artifact: input.artifact }),
    ...(input.image === undefined ? {} : { image: input.image }),
  };
  await note(context.activities, entry, (event) => context.tell(event));
}

/** Keeps that an environment went back, and whether what it ran was bad. */
export async function noteWentBack(
  activities: RoleActivities,
  input: RollbackInput,
  generation: number,
  unkept: Unkept,
): Promise<void> {
  const entry: HistoryEntry = {
    ...describeChange(input, generation),
    event: 'went_back',
    version: input.to.version,
    before: input.bad.version,
    ...(input.undo ? {} : { isBad: true }),
    reason: input.reason.slice(0, 500),
  };
  await note(activities, entry, unkept);
}

/** Whose change of which environment it is, and when. */
function describeChange(
  { product, environment, releaseId }: DeploymentInput | RollbackInput,
  generation: number,
) {
  return { product, environment: environment.name, releaseId, at: new Date().toISOString(), generation };
}

/** The environment has changed already, so nothing is put back for want of a note: the record says that it is missing. */
async function note(activities: RoleActivities, entry: HistoryEntry, unkept: Unkept): Promise<void> {
  if (!patched('environment-history')) return;
  const { environment, version } = entry;
  try {
    await activities.release(`keep that ${environment} runs ${version}`).noteHistory({ entry });
  } catch (error) {
    unkept({ event: 'history_not_kept', environment, version, why: describeFailure(error).what });
  }
}
