import type { Authorization } from '../../contracts/activities.ts';
import type { SignedCommand } from '../../contracts/commands.ts';
import type { DeploymentOnHost } from '../../contracts/deployment-on-host.ts';
import type { EnvironmentScriptName } from '../../release/settings.ts';

/** On whose account something is about to change. */
interface Acting {
  product: string;
  /** The release, rollback or other flow that does it; for what belongs to none, the incident or post-mortem. */
  releaseId: string;
}

/** What binds each change: everything that tells it from a change that nobody wanted. Digests are `sha256:<hex>`. */
interface Binds {
  plan: { base: string };
  /** A reviewer's own texts instead of the planned ones. */
  edit_notes: { planHash: string; changelog?: string; notes?: string; signed?: SignedCommand };
  /** `binds`: digest of all that the commit is made of. */
  commit: { version: string; tag: string; branch: string; binds: string };
  build: { version: string; commit: string };
  gate: { gate: string; commit: string; artifact?: string; image?: string };
  push_branch: { branch: string; commit: string; base: string; replaces: string[] };
  delete_branch: { branch: string; commits: string[] };
  publish: { version: string; registry: string; bytes: string[]; authorization?: Authorization };
  /** `insteadOf`: the version that a rollback takes back. */
  offer: { version: string; registry: string; package: string; digest: string; insteadOf?: string };
  withdraw: { version: string; registry: string; package: string; digest: string };
  merge: { version: string; commit: string; base: string; branch?: string };
  tag: { version: string; tag: string; commit: string };
  page: { version: string; tag: string; notes: string; assets: string[] };
  comment: { tag: string; head: string };
  show_deployment: DeploymentOnHost;
  state_file: { version?: string; outcome?: string };
  archive: { outcome?: string; record: string };
  trail: { entries: number };
  /** What goes is by this worker's own configuration and by what the store knows. */
  prune: object;
  /** What an environment runs from then on. */
  history: { environment: string; version: string; event: string; generation: number };
  issue: { key: string };
  notice: { id: string; channel: string };
  /** Metric scripts of a commit, which look with the environment's secrets; no commit: of what runs there. */
  metrics: { environment: string; commit?: string };
  /** A script that changes an environment, or one that looks at it with its secrets at hand. */
  environment_script: {
    script: EnvironmentScriptName;
    environment: string;
    version: string;
    previousVersion?: string;
    commit: string;
    artifact?: string;
    /** The manifest's digest. */
    image?: string;
    generation: number;
    instance?: number;
    backup?: string;
    order?: SignedCommand;
    authorization?: Authorization;
  };
}

export type ChangeName = keyof Binds;

/** What an activity is about to change outside. */
export type Change<Name extends ChangeName = ChangeName> = {
  [N in Name]: Acting & { change: N } & Binds[N];
}[Name];
