import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CrashRun } from '../crash-run.ts';

/** What stands in `secrets/` by right, and what each process must read. */
const WHERE_THEY_BELONG = /^secrets\//;

/**
 * The secrets of a run that stand anywhere in its folder but where they belong: the Temporal server's database (all
 * histories, memos and search attributes), the store (records, logs, notes), notices, checkouts and mirrors. Looked
 * for as they are, URL-encoded, in hexadecimal, and in base64 also in the middle of a longer text.
 */
export function findSecrets(run: CrashRun): string[] {
  const secrets = readdirSync(join(run.folder, 'secrets')).map((name) => ({
    name,
    forms: formsOf(readFileSync(join(run.folder, 'secrets', name))),
  }));
  const files = readdirSync(run.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(run.folder.length + 1))
    .filter((path) => !WHERE_THEY_BELONG.test(path));
  return files.flatMap((path) => {
    const bytes = readFileSync(join(run.folder, path));
    return secrets
      .filter(({ forms }) => forms.some((form) => bytes.includes(form)))
      .map(({ name }) => `secret ${name} in ${path} of ${run.id}`);
  });
}

function formsOf(secret: Buffer): Buffer[] {
  // The placeholder of what a run does not have.
  if (secret.length < 8) return [];
  const text = secret.toString('utf8');
  // Three bytes are four letters: without the letters at either end that depend on the neighbours.
  const inBase64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), secret])
      .toString('base64')
      .replace(/=+$/, '')
      .slice(before === 0 ? 0 : 4, -2),
  );
  return [text, encodeURIComponent(text), secret.toString('hex'), ...inBase64].map((form) =>
    Buffer.from(form),
  );
}
