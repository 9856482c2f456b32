import {
  ChildWorkflowCancellationType,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  patched,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import { readLeaseRelease, readLeaseRequest } from '../../contracts/inbound/read-lease.ts';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import { rollbackWorkflowId, takeOverWorkflowId, WORKFLOW_TYPES } from '../../contracts/workflow-ids.ts';
import type { EnvironmentInput, EnvironmentState, LeaseRequest } from '../../contracts/workflows.ts';
import {
  askForLease,
  dropHolder,
  giveBackLease,
  grantNext,
  isRoomFor,
  isSameHolder,
  leastGeneration,
  openLease,
  renderLease,
} from '../../release/lease.ts';
import { FLOW_MS } from '../../release/policy/inner-times.ts';
import { proxyRoleActivities } from '../shared/role-activities.ts';
import { showDetails } from '../shared/show-details.ts';

/**
 * Grants one environment to one holder at a time. It is the lock of the whole product: rollbacks first, then
 * hotfixes, then releases. The generation that comes with each grant goes to the scripts, so that a script of an
 * older holder that wakes up late is refused. A holder that vanished (terminated in the Web UI) is noticed, and
 * what it left half done is put right by a rollback before anybody else gets the lease.
 */
export async function environment(input: EnvironmentInput): Promise<void> {
  let state: EnvironmentState = input.state ?? openLease(input.generation ?? 0);
  let changes = 0;
  let untold = false;
  const now = () => new Date().toISOString();
  const change = (next: EnvironmentState) => {
    state = next;
    changes += 1;
    showDetails(renderLease(input.product, input.environment, state));
  };
  setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.leaseRequest), (request) => {
    const asked = readLeaseRequest(request, input);
    if (!asked) return;
    const { asks, ...kept } = asked;
    if (!isRoomFor(state, kept)) return;
    change(askForLease(state, kept, now()));
    // A holder that was reset to before its grant waits for it again.
    if (asks && state.holder && isSameHolder(state.holder, kept)) untold = true;
  });
  setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.leaseRelease), (argument) => {
    const holder = readLeaseRelease(argument);
    if (holder !== undefined) change(giveBackLease(state, holder));
  });
  setHandler(defineQuery<EnvironmentState>(STATUS_QUERY), () => state);
  const activities = proxyRoleActivities();
  change(state);

  for (;;) {
    const next = grantNext(state, now(), patched('generation-by-time') ? leastGeneration(now()) : 0);
    if (next) {
      change(next);
      await tellHolder(input.environment, next, (lost) => change(dropHolder(state, lost)));
      continue;
    }
    if (untold) {
      untold = false;
      await tellHolder(input.environment, state, () => undefined);
      continue;
    }
    const seen = changes;
    // In the middle of a change, a holder that vanished has to be noticed soon; while it only watches, nothing is lost.
    const urgent = state.waiting.length > 0 || state.holder?.onLoss !== undefined;
    const waitMs = urgent ? FLOW_MS.holderSoon : FLOW_MS.holder;
    const somethingNew = () => changes > seen || workflowInfo().continueAsNewSuggested;
    let changed = true;
    if (state.holder) {
      changed = await condition(somethingNew, waitMs, { summary: 'look whether the holder is alive' });
    } else {
      await condition(somethingNew);
    }
    if (!changed && state.holder) {
      const holder = state.holder;
      const open = await activities
        .support(`is ${holder.holder} still open?`)
        .isWorkflowOpen({ workflowId: holder.holder, runId: holder.runId })
        // Nobody can tell now: it is looked at again. The lock of an environment must not end over it.
        .catch(() => true);
      if (!open && state.holder === holder) await recover(holder, change, () => state);
    }
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof environment>({
        product: input.product,
        environment: input.environment,
        state,
      });
    }
  }
}

async function tellHolder(
  name: string,
  state: EnvironmentState,
  lose: (holder: string) => void,
): Promise<void> {
  const holder = state.holder;
  if (!holder) return;
  try {
    await getExternalWorkflowHandle(holder.holder).signal(INTERNAL_SIGNALS.leaseGranted, {
      environment: name,
      generation: holder.generation,
    });
  } catch {
    // It ended while it waited.
    lose(holder.holder);
  }
}

/** A holder that is gone: either what it left is whole, or a rollback takes the lease over and makes it so. */
async function recover(
  holder: LeaseRequest & { generation: number },
  change: (next: EnvironmentState) => void,
  read: () => EnvironmentState,
): Promise<void> {
  const undo = holder.onLoss;
  if (!undo) {
    change(dropHolder(read(), holder.holder));
    return;
  }
  // Nobody else gets the lease meanwhile: only what takes over from the vanished holder does. One that is being put
  // right already is not started again, and one that vanishes itself is the holder then, and is looked for in turn.
  const { product, environment } = undo;
  const usual = rollbackWorkflowId(product, environment.name);
  const beside = takeOverWorkflowId(product, environment.name);
  const isTaken = holder.holder === beside || read().waiting.some((waiter) => waiter.holder === usual);
  await startChild(WORKFLOW_TYPES.rollback, {
    workflowId: isTaken && patched('take-over-beside') ? beside : usual,
    args: [{ ...undo, takeOverFrom: holder.holder }],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    cancellationType: ChildWorkflowCancellationType.ABANDON,
    staticSummary: `Put ${environment.name} right: ${holder.purpose} vanished`,
  }).catch(() => undefined);
}
