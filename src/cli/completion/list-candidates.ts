import { readEnvironment } from '../../config/environment.ts';
import type { ReleaseRecord } from '../../release/record/record.ts';
import { listLogs } from '../../release/record/step-logs.ts';
import { API_OPTIONS, findApi } from '../find-api.ts';
import { COMMAND_GROUPS } from '../line/command-table.ts';
import type { CliContext } from '../line/context.ts';
import { productPath } from '../remote/product-path.ts';

/** A key was pressed and somebody waits, unless WINDLASS_COMPLETION_TIMEOUT says how long; the rest of the command line works without an API. */
const PATIENCE_MS = 1_500;

/**
 * What may stand where the cursor is; nothing where nobody knows, and where the API is away or refuses.
 *
 * @param words what stands behind `windlass` up to the cursor; the last one is begun, and may be empty
 */
export async function listCandidates(words: string[], context: CliContext): Promise<string[]> {
  const current = words.at(-1) ?? '';
  const begins = (names: string[]) => names.filter((name) => name.startsWith(current));
  const commands = COMMAND_GROUPS.flatMap((group) => group.commands);
  if (words.length <= 1) return begins(commands.map(({ name }) => name));
  const command = commands.find(({ name }) => name === words[0]);
  if (!command) return [];
  const { options, operands } = readUsage(command.usage);
  if (current.startsWith('-')) return begins([...options.keys(), '--help']);
  const before = readWords(words.slice(1, -1), options);
  if (before.open !== undefined) return begins(options.get(before.open) ?? []);
  const wanted = operands[before.operands.length];
  if (wanted === undefined) return [];
  if (wanted === wanted.toLowerCase()) return begins(wanted.split('|'));
  const asked = await askApi(wanted, before.operands.at(-1) ?? '', before.given, context).catch(() => []);
  // A name that a shell would read as more than a word is left out.
  return begins(asked.filter((name) => /^[a-z0-9][a-z0-9._-]*$/i.test(name)));
}

/** The names of a command's options with the values that the table names, and its operands in order. */
function readUsage(usage: string): { options: Map<string, string[] | undefined>; operands: string[] } {
  const options = new Map<string, string[] | undefined>();
  for (const [, name = '', value] of usage.matchAll(/(--[a-z-]+)(?: ([\w|]+))?/g)) {
    options.set(name, value === undefined ? undefined : /^[a-z|]+$/.test(value) ? value.split('|') : []);
  }
  const [first = ''] = usage.replaceAll(' | ', '|').split('--');
  return { options, operands: first.split(/[^\w|-]+/).filter((word) => /\w/.test(word)) };
}

/** Operands and options before the cursor; `open` is the option whose value is to come. */
function readWords(words: string[], options: Map<string, string[] | undefined>) {
  const operands: string[] = [];
  const given: Partial<Record<string, string>> = {};
  const common: readonly string[] = API_OPTIONS;
  let open: string | undefined;
  for (const word of words) {
    if (open !== undefined) {
      given[open.slice(2)] = word;
      open = undefined;
    } else if (!word.startsWith('--')) operands.push(word);
    else if (options.get(word) !== undefined || common.includes(word.slice(2))) open = word;
  }
  return { operands, given, open };
}

async function askApi(
  wanted: string,
  product: string,
  given: Partial<Record<string, string>>,
  context: CliContext,
): Promise<string[]> {
  if (!['PRODUCT', 'GATE', 'STEP'].includes(wanted)) return [];
  const { completionTimeoutMs = PATIENCE_MS } = readEnvironment(context.environment);
  const api = await findApi(given, context, completionTimeoutMs);
  if (wanted === 'PRODUCT') {
    const { products } = await api.get<{ products: { name: string }[] }>('/v1/products');
    return products.map(({ name }) => name);
  }
  const { record } = await api.get<{ record: Pick<ReleaseRecord, 'approvals' | 'steps'> }>(
    productPath(product),
  );
  if (wanted === 'STEP') return record.steps.filter((step) => listLogs(step).length > 0).map(({ id }) => id);
  return record.approvals.filter(({ status }) => status === 'open').map(({ key }) => key);
}
