import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

const FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));

/** What is particular to the machine that recorded: each is replaced, in plain text and in payloads. */
export interface Particulars {
  product: string;
  root: string;
}

/** Writes the history of every closed workflow of a product as `NAME-<type>-<n>.json.gz`, free of paths and hosts. */
export async function recordHistories(client: Client, name: string, about: Particulars): Promise<string[]> {
  mkdirSync(FOLDER, { recursive: true });
  const written: string[] = [];
  const counts = new Map<string, number>();
  for await (const execution of client.workflow.list()) {
    if (!execution.workflowId.includes(about.product)) continue;
    const history = await client.workflow.getHandle(execution.workflowId, execution.runId).fetchHistory();
    const json: unknown = JSON.parse(historyToJSON(history));
    const number = (counts.get(execution.type) ?? 0) + 1;
    counts.set(execution.type, number);
    const file = `${name}-${execution.type}-${number}.json.gz`;
    writeFileSync(`${FOLDER}${file}`, gzipSync(JSON.stringify(clean(json, about)), { level: 9 }));
    written.push(file);
  }
  return written;
}

function clean(value: unknown, about: Particulars, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => clean(item, about));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        // A worker's identity is its process and its host.
        name === 'identity' ? 'worker@host' : clean(inner, about, name),
      ]),
    );
  }
  if (typeof value !== 'string') return value;
  if (key !== 'data') return replaceParticulars(value, about);
  const text = Buffer.from(value, 'base64').toString('utf8');
  return Buffer.from(replaceParticulars(text, about)).toString('base64');
}

function replaceParticulars(text: string, { product, root }: Particulars): string {
  return text
    .replaceAll(root, '/world')
    .replaceAll(product, 'shop')
    .replace(/\/(?:work|tmp|home|root)\/[\w./-]+/g, '/somewhere');
}
