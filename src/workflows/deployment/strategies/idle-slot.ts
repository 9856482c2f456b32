import type { DeploymentContext } from '../deployment-context.ts';
import { migrateDatabase, runScript } from '../deployment-context.ts';

/**
 * Makes the version ready in the slot that has no traffic: deployed, migrated, verified and smoked there, while
 * everybody still uses the old one. Blue-green and canary begin alike.
 */
export async function prepareIdleSlot(context: DeploymentContext): Promise<{ slot: string }> {
  const slot = context.state.previousSlot === 'blue' ? 'green' : 'blue';
  context.apply({ event: 'slot_chosen', slot });
  const { version, environment } = context.input;
  const deployed = await runScript(context, `Deploy ${version} to the ${slot} slot`, {
    script: 'deploy',
    slot,
    target: slot,
  });
  const url = typeof deployed.output['url'] === 'string' ? deployed.output['url'] : environment.url;
  await migrateDatabase(context, slot);
  await runScript(context, `Verify ${version} in the ${slot} slot`, {
    script: 'verify',
    slot,
    target: slot,
    targetUrl: url,
  });
  await runScript(context, `Smoke test ${version} in the ${slot} slot`, {
    script: 'smoke',
    slot,
    target: slot,
    targetUrl: url,
  });
  context.tell({ event: 'environment', environment: { name: environment.name, slot, share: 0 } });
  return { slot };
}

/** Sends `percent` of the traffic to the new slot. */
export async function shiftTraffic(context: DeploymentContext, slot: string, percent: number): Promise<void> {
  await runScript(context, `Send traffic to ${context.input.version}`, {
    script: 'traffic',
    slot,
    percent,
    target: `${slot}/${percent}`,
  });
  context.tell({
    event: 'environment',
    environment: { name: context.input.environment.name, slot, share: percent },
    news: { is: 'traffic', version: context.input.version },
  });
}
