import { BRANCH_TEXTS, fillGitText } from '../../release/git-texts.ts';
import { leastGeneration } from '../../release/lease.ts';
import { formatTag } from '../../release/plan/tag-format.ts';
import { isVersion } from '../../release/plan/version.ts';
import { isGate } from '../../release/policy/gates.ts';
import { CLOCK_SKEW_MS } from '../../release/policy/inner-times.ts';
import { HISTORY_EVENTS } from '../../release/record/environment-history.ts';
import type { ProductSettings } from '../../release/settings.ts';
import { SHOWN_STATES } from '../../release/shown-state.ts';
import { listRegistries } from '../open-registry.ts';
import type { Change, ChangeName } from './change.ts';

/** Why a change is none that this product makes, as the end of a sentence; undefined where it may be one. */
type Rule<Name extends ChangeName> = (product: ProductSettings, change: Change<Name>) => string | undefined;

/**
 * What the worker's own configuration of the product says of a change: names have the product's own forms, and places
 * are those that it lists.
 */
export function refuseByConfiguration(product: ProductSettings, change: Change): string | undefined {
  const rule = RULES[change.change] as Rule<ChangeName>;
  return rule(product, change);
}

const anything = () => undefined;

const RULES: { [Name in ChangeName]: Rule<Name> } = {
  plan: anything,
  edit_notes: anything,
  commit: (product, { version, tag, branch }) =>
    refuseTag(product, tag, version) ?? refuseBranch(product, branch, version),
  build: (_, { version }) => refuseVersion(version),
  gate: (product, { gate }) => (isGate(gate, product.gates) ? undefined : `it has no gate ${show(gate)}`),
  push_branch: (product, { branch }) => refuseBranch(product, branch),
  delete_branch: (product, { branch }) => refuseBranch(product, branch),
  publish: refusePublication,
  offer: refusePublication,
  withdraw: refusePublication,
  merge: (product, { version, branch }) =>
    refuseVersion(version) ?? (branch === undefined ? undefined : refuseBranch(product, branch, version)),
  tag: (product, { version, tag }) => refuseTag(product, tag, version),
  page: (product, { version, tag }) => refuseTag(product, tag, version),
  comment: anything,
  show_deployment: refuseShown,
  state_file: anything,
  archive: anything,
  trail: anything,
  prune: anything,
  history: (product, { environment, event, generation }) => {
    const isEvent = HISTORY_EVENTS.some((one) => one === event);
    const refused = isEvent ? undefined : `${show(event)} is nothing that happens to an environment`;
    return refuseEnvironment(product, environment) ?? refused ?? refuseGeneration(generation);
  },
  issue: anything,
  notice: anything,
  metrics: (product, { environment }) => refuseEnvironment(product, environment),
  environment_script: (product, { environment, script, generation }) => {
    const refused = refuseEnvironment(product, environment) ?? refuseGeneration(generation);
    if (refused !== undefined || script !== 'restore') return refused;
    const found = product.environments.find(({ name }) => name === environment);
    if (found?.restoreDatabase !== 'never') return undefined;
    return `the configuration says restore_database: never for ${environment}`;
  },
};

/** What becomes a ref, a key or a link on the host must be one. */
function refuseShown(
  product: ProductSettings,
  { environment, version, commit, round, state, releaseId, flow }: Change<'show_deployment'>,
): string | undefined {
  const refused = refuseEnvironment(product, environment);
  if (refused !== undefined) return refused;
  if (commit !== undefined && !/^[0-9a-f]{40}$/.test(commit)) return `${show(commit)} is no commit`;
  if (!SHOWN_STATES.includes(state)) return `a deployment is never ${show(state)}`;
  const isNamed = /^[\w.-]{1,50}$/.test(round) && /^[\w.:@/+-]{1,200}$/.test(releaseId);
  if (!isNamed || (flow !== undefined && !/^[\w-]{1,100}$/.test(flow)))
    return `${show(`${releaseId} ${round} ${flow ?? ''}`)} names no deployment of its releases`;
  return refuseVersion(version);
}

function refuseEnvironment(product: ProductSettings, name: string): string | undefined {
  const isOurs = product.environments.some((one) => one.name === name);
  return isOurs ? undefined : `it has no environment ${show(name)}`;
}

/**
 * Grants are numbered by time, so none has a number that time has not reached yet. Scripts remember the highest that
 * they saw and refuse what is below: a made-up one would shut out every deployment until then, rollbacks included.
 */
function refuseGeneration(generation: number, now = Date.now()): string | undefined {
  const highest = leastGeneration(new Date(now + CLOCK_SKEW_MS).toISOString());
  if (Number.isSafeInteger(generation) && generation >= 0 && generation <= highest) return undefined;
  return `no environment was granted with the generation ${show(generation)} yet: if it was, compare this machine's clock with that of Temporal's server`;
}

function refusePublication(
  product: ProductSettings,
  { version, registry }: { version: string; registry: string },
): string | undefined {
  return refuseVersion(version) ?? refuseRegistry(product, registry);
}

function refuseVersion(version: string): string | undefined {
  return isVersion(version) ? undefined : `${show(version)} is no version`;
}

function refuseTag(product: ProductSettings, tag: string, version: string): string | undefined {
  const expected = formatTag(product.tagFormat, version);
  return (
    refuseVersion(version) ??
    (tag === expected ? undefined : `the tag of ${version} is ${expected}, not ${show(tag)}`)
  );
}

/** Only the branches that releases and hotfixes make for themselves: never what people, or other products, work on. */
function refuseBranch(product: ProductSettings, branch: string, version?: string): string | undefined {
  const named = BRANCH_TEXTS.flatMap((kind) => readVersion(product, kind, branch));
  const isOwn = named.some((found) => isVersion(found) && (version === undefined || found === version));
  if (isOwn && branch !== product.release.releaseBranch) return undefined;
  return `${show(branch)} is no branch that a release of it makes`;
}

/** The version that a branch names by the product's template for it. */
function readVersion(
  product: ProductSettings,
  kind: (typeof BRANCH_TEXTS)[number],
  branch: string,
): string[] {
  const parts = fillGitText(kind, product.git, { product: product.name, version: '\n' }).split('\n');
  const [first = '', ...others] = parts.map((part) => part.replace(/[^\w/-]/g, '\\$&'));
  const same = others.map((part, index) => `${index === 0 ? '(.+)' : '\\1'}${part}`).join('');
  return new RegExp(`^${first}${same}$`).exec(branch)?.slice(1, 2) ?? [];
}

function refuseRegistry(product: ProductSettings, registry: string): string | undefined {
  return listRegistries(product).includes(registry) ? undefined : `it publishes to no ${show(registry)}`;
}

/** What an input holds may be anything: one line, and not long. */
function show(text: unknown): string {
  return JSON.stringify(String(text).slice(0, 80));
}
