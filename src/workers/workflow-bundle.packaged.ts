import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { WorkflowBundle } from '@temporalio/worker';

/** What the build notes about itself in `dist/build.json`. */
export interface BuildNote {
  version: string;
  /** SHA-256 of the workflow bundle, in hex. */
  workflows: string;
  /** Version of the Temporal SDK that bundled it. */
  sdk: string;
}

const BUNDLE = new URL('built:workflow-bundle.cjs', import.meta.url);
const NOTE = new URL('built:build.json', import.meta.url);

/** The workflows as the package brings them, bundled when it was built. */
export async function bundleWorkflows(): Promise<WorkflowBundle> {
  return { code: await readFile(BUNDLE, 'utf8') };
}

/** Which workflows a worker would run, as a sentence without its full stop; `whole` is false when they are damaged. */
export async function describeWorkflowBundle(): Promise<{ found: string; whole: boolean }> {
  try {
    const [code, text] = await Promise.all([readFile(BUNDLE), readFile(NOTE, 'utf8')]);
    const note = JSON.parse(text) as BuildNote;
    const digest = createHash('sha256').update(code).digest('hex');
    if (digest !== note.workflows) {
      return {
        found: `${fileURLToPath(BUNDLE)} is not the one that was built with ${note.version}`,
        whole: false,
      };
    }
    const found = `bundle of ${note.version}, sha256:${digest.slice(0, 12)}…, built with Temporal's SDK ${note.sdk}`;
    return { found, whole: true };
  } catch (error) {
    return { found: `the bundle cannot be read: ${(error as Error).message}`, whole: false };
  }
}
