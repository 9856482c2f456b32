/**
 * What a role attests of bytes, in the words of in-toto and SLSA, so that others verify it without Windlass.
 * Shapes: in-toto Statement v1, SLSA Provenance v1, in-toto Test Result v0.1.
 */
import type { LedgerEntry, LedgerSigner } from '../ledger/entry.ts';
import type { FactOf } from '../ledger/facts.ts';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
export const PROVENANCE = 'https://slsa.dev/provenance/v1';
export const TEST_RESULT = 'https://in-toto.io/attestation/test-result/v0.1';

/** What `buildDefinition.externalParameters` mean: docs/attestations.md says it. */
const BUILD_TYPE = 'urn:windlass:build:v1';

/** Whose signature counts below which predicate. */
export const ATTESTERS: Readonly<Record<string, LedgerSigner>> = {
  [PROVENANCE]: 'devops',
  [TEST_RESULT]: 'qa',
};

/** By algorithm, in hexadecimal. */
export type DigestSet = Record<string, string>;

export interface ResourceDescriptor {
  name?: string;
  uri?: string;
  digest?: DigestSet;
}

export interface Statement {
  _type: typeof STATEMENT_TYPE;
  subject: { digest: DigestSet }[];
  predicateType: string;
  predicate: object;
}

/** What an entry of the ledger does not say: where the commits are, and who builds. Both are URIs. */
export interface AttestedBy {
  repository: string;
  builder: string;
}

/** The facts that are about bytes. */
export type AttestedFact = FactOf<'built'> | FactOf<'gate_ended'>;

/** Whether an entry is one that is attested: a build, or a gate that was run. */
export function isAttested<Entry extends Pick<LedgerEntry, 'fact'>>(
  entry: Entry,
): entry is Entry & { fact: AttestedFact } {
  const { fact } = entry;
  return fact.fact === 'built' || (fact.fact === 'gate_ended' && Object.hasOwn(RESULTS, fact.result));
}

/** The statement that says what the entry says, and nothing else. */
export function describeStatement(entry: LedgerEntry & { fact: AttestedFact }, by: AttestedBy): Statement {
  const { fact } = entry;
  return fact.fact === 'built' ? describeBuild(entry, fact, by) : describeTest(fact, by);
}

/** Where the commits are and who built, by a statement's own words; undefined where it does not say so. Total. */
export function readAttestedBy({ predicate }: Statement): AttestedBy | undefined {
  const { buildDefinition, runDetails, configuration } = (predicate ?? {}) as {
    buildDefinition?: { externalParameters?: { repository?: unknown } };
    runDetails?: { builder?: { id?: unknown } };
    configuration?: { uri?: unknown }[];
  };
  const repository = buildDefinition?.externalParameters?.repository ?? configuration?.[0]?.uri;
  const builder = runDetails?.builder?.id ?? '';
  if (typeof repository !== 'string' || typeof builder !== 'string') return undefined;
  return { repository, builder };
}

/** The address of a repository as a URI with its transport, and without anybody's credentials. */
export function describeRepository(url: string): string {
  const [, user, host, path] = /^(?:([\w.-]+)@)?([\w.-]+):(?!\/\/)(.+)$/.exec(url) ?? [];
  if (host !== undefined) return `git+ssh://${user === undefined ? '' : `${user}@`}${host}/${path}`;
  if (!url.includes('://')) return `git+file://${url}`;
  return `git+${url.replace(/^(https?:\/\/)[^/@]*@/, '$1')}`;
}

function describeBuild(
  { product, number, at }: LedgerEntry,
  fact: FactOf<'built'>,
  { repository, builder }: AttestedBy,
): Statement {
  const { releaseId, commit, version, artifact, image, sbom, files } = fact;
  const digests = [...new Set([artifact, image, ...files, sbom].filter((one) => one !== undefined))];
  return {
    _type: STATEMENT_TYPE,
    subject: digests.map((digest) => ({ digest: toDigestSet(digest) })),
    predicateType: PROVENANCE,
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: { repository, product, version },
        internalParameters: { releaseId, ledgerEntry: number },
        resolvedDependencies: [{ uri: repository, digest: { gitCommit: commit } }],
      },
      runDetails: {
        builder: { id: builder },
        metadata: { invocationId: `${releaseId}#${number}`, finishedOn: at },
      },
    },
  };
}

/** As the ledger writes them, and as the predicate does; a gate that was not run has none. */
const RESULTS: Record<string, { result: string; list: string }> = {
  passed: { result: 'PASSED', list: 'passedTests' },
  advisory_failed: { result: 'WARNED', list: 'warnedTests' },
};

function describeTest(fact: FactOf<'gate_ended'>, { repository }: AttestedBy): Statement {
  const { gate, commit, artifact } = fact;
  const { result, list } = RESULTS[fact.result] ?? { result: 'FAILED', list: 'failedTests' };
  const source: DigestSet = { gitCommit: commit };
  return {
    _type: STATEMENT_TYPE,
    subject: [...(artifact === undefined ? [] : [{ digest: toDigestSet(artifact) }]), { digest: source }],
    predicateType: TEST_RESULT,
    predicate: {
      result,
      configuration: [{ name: gate, uri: repository, digest: source }],
      [list]: [gate],
    },
  };
}

function toDigestSet(digest: string): DigestSet {
  const [algorithm = '', value = ''] = digest.split(':');
  return { [algorithm]: value };
}
