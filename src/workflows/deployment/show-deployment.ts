import { condition } from '@temporalio/workflow';
import type { Acting } from '../../contracts/activities.ts';
import type { DeploymentOnHost } from '../../contracts/deployment-on-host.ts';
import type { RollbackInput } from '../../contracts/workflows.ts';
import { FLOW_MS } from '../../release/policy/inner-times.ts';
import type { EnvironmentSettings } from '../../release/settings.ts';
import type { ShownState } from '../../release/shown-state.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import type { EventBody } from '../shared/event-body.ts';
import type { Reporter } from '../shared/reports.ts';
import type { RoleActivities } from '../shared/role-activities.ts';

/** What is shown of a deployment on the product's host. */
export interface ShownOnHost {
  /** Returns at once: the host is told one state after the other, beside the deployment. */
  show(state: ShownState): void;
  /** Resolves when the host was told everything, or would have to be waited for too long. */
  settle(): Promise<void>;
}

type Shown = Acting & Omit<DeploymentOnHost, 'state' | 'environment'>;

/**
 * Shows a deployment on the host where the configuration asks for it. No environment ever waits for a host, and none is
 * put back because of one: what could not be shown is a note in the record.
 */
export function showOnHost(
  activities: RoleActivities,
  environment: Pick<EnvironmentSettings, 'name' | 'shownOnHost'>,
  shown: Shown,
  tell: (event: EventBody) => void,
): ShownOnHost {
  let told: Promise<void> = Promise.resolve();
  let waits = 0;
  const { name } = environment;
  const note = (state: ShownState, why: string) =>
    tell({
      event: 'not_shown_on_host',
      environment: name,
      version: shown.version,
      state,
      why: why.slice(0, 300),
    });
  const showOne = async (state: ShownState) => {
    try {
      const { receipts } = await activities
        .release(`show ${shown.version} in ${name} as ${state}`)
        .showDeployment({ ...shown, environment: name, state });
      for (const receipt of receipts) tell({ event: 'receipt', receipt });
    } catch (error) {
      note(state, describeFailure(error).what);
    } finally {
      waits -= 1;
    }
  };
  return {
    show: (state) => {
      // Configuration that came through a workflow's input: only what says so.
      if (environment.shownOnHost !== true) return;
      waits += 1;
      told = told.then(() => showOne(state));
    },
    settle: async () => {
      if (waits === 0) return;
      if (await condition(() => waits === 0, FLOW_MS.showOnHost)) return;
      tell({ event: 'perhaps_not_shown_on_host', environment: name, version: shown.version });
    },
  };
}

/** Going back is a deployment of the version before, which begins with this. */
export function showRollback(
  activities: RoleActivities,
  { environment, product, releaseId, to, round }: RollbackInput,
  reporter: Reporter,
): ShownOnHost {
  const commit = to.commit === undefined ? {} : { commit: to.commit };
  const shown = { product, releaseId, version: to.version, ...commit, round: `back-${round}` };
  const onHost = showOnHost(activities, environment, shown, (event) => reporter.tell(event));
  onHost.show('in_progress');
  return onHost;
}
