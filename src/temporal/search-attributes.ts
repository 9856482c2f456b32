import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
// The package is CommonJS whose names Node cannot see: only its default can be imported.
import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts';
import { TEMPORAL_MS } from '../release/policy/inner-times.ts';
import type { SearchAttributeTypeName } from './server/local-server.ts';
import { TemporalProblem } from './temporal-problem.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;

const VALUE_TYPES: Record<SearchAttributeTypeName, proto.temporal.api.enums.v1.IndexedValueType> = {
  Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  KeywordList: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
  Datetime: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
  Text: IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
  Int: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  Double: IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
  Bool: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
};

export interface EnsureSearchAttributesOptions {
  connection: Connection;
  namespace: string;
  /** Names and types; Windlass's own where nothing is said. */
  attributes?: Readonly<Record<string, SearchAttributeTypeName>>;
}

/**
 * Creates the custom search attributes that the namespace lacks and waits until the server accepts them in a
 * query. Calling it again, or from several processes at once, changes nothing.
 * @returns the names that were missing.
 * @throws TemporalProblem when one exists with another type, or may not be created, or is not accepted in 20 s.
 */
export async function ensureSearchAttributes(options: EnsureSearchAttributesOptions): Promise<string[]> {
  const wanted = options.attributes ?? SEARCH_ATTRIBUTES;
  const missing = await findMissing(options, wanted);
  if (missing.length > 0) await createAttributes(options, wanted, missing);
  await waitUntilAccepted(options, Object.keys(wanted));
  return missing;
}

async function findMissing(
  { connection, namespace }: EnsureSearchAttributesOptions,
  wanted: Readonly<Record<string, SearchAttributeTypeName>>,
): Promise<string[]> {
  const present =
    (await connection.operatorService.listSearchAttributes({ namespace })).customAttributes ?? {};
  const clashes = Object.entries(wanted).filter(
    ([name, type]) => present[name] !== undefined && present[name] !== VALUE_TYPES[type],
  );
  if (clashes.length > 0) {
    const list = clashes.map(([name, type]) => `${name} (must be ${type})`).join(', ');
    throw new TemporalProblem(
      `Namespace "${namespace}" has search attributes of another type: ${list}. Nothing was changed. ` +
        'Remove them (temporal operator search-attribute remove) or use a namespace of their own for Windlass.',
    );
  }
  return Object.keys(wanted).filter((name) => present[name] === undefined);
}

async function createAttributes(
  { connection, namespace }: EnsureSearchAttributesOptions,
  wanted: Readonly<Record<string, SearchAttributeTypeName>>,
  missing: readonly string[],
): Promise<void> {
  const types = missing.flatMap((name) => {
    const type = wanted[name];
    return type === undefined ? [] : [[name, VALUE_TYPES[type]] as const];
  });
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(types),
    });
  } catch (error) {
    const { code, details } = error as { code?: number; details?: string };
    // Another process was quicker: what counts is whether the server accepts them, which is asked next.
    if (code === 6 || /already (exist|registered|in use)/i.test(details ?? '')) return;
    throw new TemporalProblem(
      `The search attributes ${missing.join(', ')} could not be created in namespace "${namespace}" ` +
        `(${details ?? String(error)}). Nothing else was changed. Create them by hand ` +
        '(temporal operator search-attribute create) or with credentials that may.',
      { cause: error },
    );
  }
}

/** A query that names an attribute fails until the server knows it everywhere. */
async function waitUntilAccepted(
  { connection, namespace }: EnsureSearchAttributesOptions,
  names: readonly string[],
): Promise<void> {
  const query = names.map((name) => `${name} IS NOT NULL`).join(' AND ');
  const deadline = Date.now() + TEMPORAL_MS.searchAttributes;
  for (;;) {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace, query });
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw new TemporalProblem(
          `Namespace "${namespace}" does not accept the search attributes ${names.join(', ')} even ` +
            `${TEMPORAL_MS.searchAttributes / 1000} s after their creation. Look at the server's log, then start again.`,
          { cause: error },
        );
      }
      await delay(200);
    }
  }
}
