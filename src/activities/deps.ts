import type { Installation, SecretReader } from '../config/installation.ts';
import { describeStop } from '../config/mistakes/mistake.ts';
import { readSecret } from '../config/secrets.ts';
import type { WorkerRole } from '../contracts/task-queues.ts';
import type { Attestations } from '../integrations/attestation/attestations.ts';
import type { Mirror } from '../integrations/git/mirror/mirror.ts';
import { openMirror } from '../integrations/git/mirror/mirror.ts';
import type { Ledger } from '../integrations/ledger/ledger.ts';
import type { Isolation } from '../integrations/process/isolate-script.ts';
import type { Store } from '../providers/store/store.ts';
import type { EnvironmentSettings, ProductSettings, SecretName } from '../release/settings.ts';
import type { Barrier } from './effects.ts';
import { fail, refuseByConfiguration } from './fail.ts';

/** Everything that activities need from their worker. The configuration is the worker's own, never a workflow's. */
export interface ActivityDeps {
  role: WorkerRole;
  installation: Installation;
  store: Store;
  /** The ledgers of all products, written with this role's key; none where the installation keeps none. */
  ledger?: Ledger | undefined;
  /** What roles attest of bytes, beside the ledger. */
  attestations?: Attestations | undefined;
  /** Whether scripts that only build or test can be kept apart here; undefined where they are not to be. */
  isolation?: Isolation | undefined;
  barrier: Barrier;
  /** What the current activity has to stop for: cancellation, or the worker's shutdown. */
  signal(): AbortSignal;
  /** Which try of the current activity this is, from 1. */
  attempt(): number;
  /** How often its workflow has asked for it, after this installation's configuration refused it; 0 at first. */
  round?(): number;
  /**
   * Whether this try still counts. A worker that was frozen for longer than its heartbeat may be late has been given
   * up, and another one does its work: it must not write any more, least of all where no write is conditional.
   */
  isOwned(): boolean;
}

/** The product as this worker's own configuration has it. */
export function findProduct(deps: ActivityDeps, name: string): ProductSettings {
  const product = Object.hasOwn(deps.installation.products, name)
    ? deps.installation.products[name]
    : undefined;
  if (product) return product;
  const { file, stopped = {} } = deps.installation;
  const mistakes = Object.hasOwn(stopped, name) ? stopped[name] : undefined;
  if (mistakes) throw refuseByConfiguration(describeStop(file, name, mistakes), deps.round?.() ?? 0);
  throw fail('Mistake', {
    what: `there is no product "${name}" in ${deps.installation.file}`,
    changed: 'nothing',
    next: `use one of ${Object.keys(deps.installation.products).join(', ') || '(none configured)'}, or configure it`,
  });
}

/**
 * The product's environment of that name, by this worker's own configuration.
 * @throws a Mistake that names those there are
 */
export function findEnvironment(product: ProductSettings, name: string): EnvironmentSettings {
  const environment = product.environments.find((candidate) => candidate.name === name);
  if (environment) return environment;
  throw fail('Mistake', {
    what: `${product.name} has no environment "${name}"`,
    changed: 'nothing',
    next: `use one of ${product.environments.map((e) => e.name).join(', ') || '(none configured)'}`,
  });
}

/** A secret of this worker's role; a missing one is a mistake in the configuration, said without its value. */
export function takeSecret(deps: ActivityDeps, name: string, reader: SecretReader = deps.role): string {
  try {
    return readSecret(deps.installation, name, reader);
  } catch (error) {
    throw fail('Mistake', {
      what: error instanceof Error ? error.message : 'a secret cannot be read',
      changed: 'nothing',
      next: 'mend the configuration of this worker, then retry',
    });
  }
}

/** The names of a repository's credentials: one that may push, and one for whoever only fetches. */
export interface RepositoryTokens {
  write?: SecretName | undefined;
  read?: SecretName | undefined;
}

/** This worker's mirror of a repository; local and cheap, nothing is fetched yet. */
export async function openWorkMirror(
  deps: ActivityDeps,
  url: string,
  tokens: RepositoryTokens,
): Promise<Mirror> {
  return await openMirror({
    url,
    folder: deps.installation.workFolder,
    token: takeRepositoryToken(deps, tokens),
    // A push that is cut off may still land after somebody looked whether it did. What changes refs is short and ends by
    // itself; an abort waits for it.
    signal: deps.role === 'release' ? undefined : deps.signal(),
  });
}

/** This worker's mirror of the product's own repository, as `openWorkMirror` gives it. */
export async function openProductMirror(deps: ActivityDeps, product: ProductSettings): Promise<Mirror> {
  return await openWorkMirror(deps, product.repositoryUrl, tokensOf(product));
}

/** The credentials of the product's own repository. */
export function tokensOf(product: ProductSettings): RepositoryTokens {
  return { write: product.repositoryToken, read: product.repositoryReadToken };
}

/** Only `release` pushes. A role that may read no token still works on public repositories and on what the store has. */
function takeRepositoryToken(deps: ActivityDeps, { write, read }: RepositoryTokens): string | undefined {
  const names = deps.role === 'release' ? [write, read] : [read, write];
  const name = names.find(
    (candidate) =>
      candidate !== undefined && deps.installation.secrets[candidate]?.readers.includes(deps.role),
  );
  return name === undefined ? undefined : takeSecret(deps, name);
}
