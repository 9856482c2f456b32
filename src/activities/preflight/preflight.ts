import type { PreflightActivities, PreflightFinding, PreflightLook } from '../../contracts/preflight.ts';
import type { WorkerRole } from '../../contracts/task-queues.ts';
import { askOnce } from '../ask-once.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct } from '../deps.ts';
import { explain } from './findings.ts';
import { type Look, type LookedAt, readTip } from './look.ts';
import { lookAtChannels } from './look-at-channels.ts';
import { lookAtClock } from './look-at-clock.ts';
import { lookAtHost } from './look-at-host.ts';
import { lookAtIsolation, lookAtSpace } from './look-at-machine.ts';
import { lookAtMetrics } from './look-at-metrics.ts';
import { lookAtPushes } from './look-at-pushes.ts';
import { lookAtRegistries } from './look-at-registries.ts';
import { lookAtRepository } from './look-at-repository.ts';
import { lookAtScripts } from './look-at-scripts.ts';
import { lookAtSecrets } from './look-at-secrets.ts';
import { nameNext } from './name-next.ts';

const LOOKS: Record<Exclude<PreflightLook, 'worker'>, Look> = {
  secrets: lookAtSecrets,
  repository: lookAtRepository,
  space: lookAtSpace,
  clock: lookAtClock,
  pushes: lookAtPushes,
  host: lookAtHost,
  registries: lookAtRegistries,
  scripts: lookAtScripts,
  isolation: lookAtIsolation,
  metrics: lookAtMetrics,
  channels: lookAtChannels,
};

type Code = keyof typeof LOOKS;

/** What a worker of any role needs. */
const COMMON: Code[] = ['secrets', 'repository', 'space', 'clock'];

/** What only that role's work needs, in the order in which it is told. */
const OWN: Record<WorkerRole, Code[]> = {
  release: ['pushes', 'host', 'registries'],
  devops: ['scripts', 'isolation'],
  qa: ['scripts', 'isolation'],
  support: ['scripts', 'metrics', 'channels'],
  writer: [],
};

/**
 * Finds out, with this worker's own rights and without changing anything, whether its part of a release can be done.
 * Everything is looked at, whatever else was found.
 */
export function preflight(deps: ActivityDeps): PreflightActivities['preflight'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const now = new Date();
    const tip = askOnce(() => readTip(deps, product));
    const next = askOnce(async () => await nameNext({ product, now }, await tip()));
    const at = { deps, product, tip, next, now };
    const looks = [...COMMON, ...OWN[deps.role]].filter((code) => !input.except?.includes(code));
    const found = await Promise.all(
      looks.map(async (code) => (await tryLook(code, at)).map((finding) => ({ code, ...finding }))),
    );
    return { findings: found.flat() };
  };
}

/** A look that fails is a finding of its own, and hides no other. Being called off is no finding. */
async function tryLook(code: Code, at: LookedAt): Promise<PreflightFinding[]> {
  try {
    return await LOOKS[code](at);
  } catch (error) {
    at.deps.signal().throwIfAborted();
    return [
      {
        subject: code,
        state: 'warning',
        found: `could not be looked at: ${explain(error)}`,
        advice: 'see that it answers, and look again',
      },
    ];
  }
}
