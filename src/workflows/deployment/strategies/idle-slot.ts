import type { Rig } from '../deployment-rig.ts';
import { migrateDatabase, runScript } from '../deployment-rig.ts';

/**
 * Makes the version ready in the slot that has no traffic: deployed, migrated, verified and smoked there, while
 * everybody still uses the old one. Blue-green and canary begin alike.
 */
export async function prepareIdleSlot(rig: Rig): Promise<{ slot: string }> {
  const slot = rig.previousSlot === 'blue' ? 'green' : 'blue';
  rig.slot = slot;
  const { version, environment } = rig.input;
  const deployed = await runScript(rig, `Deploy ${version} to the ${slot} slot`, {
    script: 'deploy',
    slot,
    target: slot,
  });
  const url = typeof deployed.output['url'] === 'string' ? deployed.output['url'] : environment.url;
  await migrateDatabase(rig, slot);
  await runScript(rig, `Verify ${version} in the ${slot} slot`, {
    script: 'verify',
    slot,
    target: slot,
    targetUrl: url,
  });
  await runScript(rig, `Smoke test ${version} in the ${slot} slot`, {
    script: 'smoke',
    slot,
    target: slot,
    targetUrl: url,
  });
  rig.tell({ event: 'environment', environment: { name: environment.name, slot, share: 0 } });
  return { slot };
}

/** Sends `percent` of the traffic to the new slot. */
export async function shiftTraffic(rig: Rig, slot: string, percent: number): Promise<void> {
  await runScript(rig, `Send traffic to ${rig.input.version}`, {
    script: 'traffic',
    slot,
    percent,
    target: `${slot}/${percent}`,
  });
  rig.tell({
    event: 'environment',
    environment: { name: rig.input.environment.name, slot, share: percent },
    note: `${percent} % of ${rig.input.environment.name}'s traffic goes to ${rig.input.version}`,
  });
}
