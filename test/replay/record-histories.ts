import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const { History } = temporal.api.history.v1;
const FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));

/** What is particular to the machine that recorded: each is replaced, in plain text and in payloads. */
export interface Particulars {
  product: string;
  root: string;
}

/** Writes the history of every closed workflow of a product as `NAME-<type>-<n>.bin.gz`, free of paths and hosts. */
export async function recordHistories(client: Client, name: string, about: Particulars): Promise<string[]> {
  mkdirSync(FOLDER, { recursive: true });
  const written: string[] = [];
  const counts = new Map<string, number>();
  for await (const execution of client.workflow.list()) {
    if (!execution.workflowId.includes(about.product)) continue;
    const history = await client.workflow.getHandle(execution.workflowId, execution.runId).fetchHistory();
    const number = (counts.get(execution.type) ?? 0) + 1;
    counts.set(execution.type, number);
    const file = `${name}-${execution.type}-${number}.bin.gz`;
    writeFileSync(
      `${FOLDER}${file}`,
      gzipSync(History.encode(clean(history, about) as typeof history).finish(), { level: 9 }),
    );
    written.push(file);
  }
  return written;
}

function clean(value: unknown, about: Particulars): unknown {
  if (typeof value === 'string') return replaceParticulars(value, about);
  if (value instanceof Uint8Array) {
    const text = Buffer.from(value).toString('utf8');
    // Payloads are JSON; what is no text (a token) stays as it is.
    return text.includes('\ufffd') ? value : new Uint8Array(Buffer.from(replaceParticulars(text, about)));
  }
  if (Array.isArray(value)) return value.map((item) => clean(item, about));
  if (value === null || typeof value !== 'object' || 'unsigned' in value) return value;
  return Object.fromEntries(
    // A worker's identity is its process and its host.
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'identity' ? 'worker@host' : clean(inner, about),
    ]),
  );
}

/** The product's name stays: it is part of what was signed, and its digest decides how the workflow goes on. */
function replaceParticulars(text: string, { root }: Particulars): string {
  return text.replaceAll(root, '/world').replace(/\/(?:work|tmp|home|root)\/[\w./-]+/g, '/somewhere');
}
