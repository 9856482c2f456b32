import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Why no worker can run on this machine, as part of a sentence, and what to do. */
export interface WorkerProblem {
  found: string;
  advice: string;
}

/** What Temporal's SDK says of itself: `common.js` of its native package. */
interface NativePart {
  /** @throws Error where there is none for this platform. */
  getPrebuiltPath(): string;
}

/**
 * Whether the parts that only workers need are here: Temporal's worker package, which `npm install --omit=optional`
 * leaves out, and its native part for this platform. Loads neither.
 *
 * @param from a file or folder to search from; this file where nothing is said
 */
export function findWorkerProblem(from: string = import.meta.url): WorkerProblem | undefined {
  let native: string;
  try {
    const worker = createRequire(from).resolve('@temporalio/worker/package.json');
    native = createRequire(worker).resolve('@temporalio/core-bridge/common.js');
  } catch {
    return {
      found: "Temporal's worker package is not installed",
      advice:
        'Install Windlass with its optional parts: npm install windlass --include=optional. What needs no worker works without.',
    };
  }
  const platforms = listPlatforms(join(dirname(native), 'releases'));
  const advice = `Run workers on one of: ${platforms.join(', ')}. What needs no worker works here as well.`;
  try {
    (createRequire(native)(native) as NativePart).getPrebuiltPath();
  } catch {
    return { found: `Temporal's SDK has no native part for ${process.platform} ${process.arch}`, advice };
  }
  if (process.platform === 'linux' && !hasGlibc()) {
    return { found: "Temporal's SDK needs glibc, which this Linux (Alpine?) does not have", advice };
  }
  return undefined;
}

/** The SDK's folders are named by Rust's target triples, such as `aarch64-unknown-linux-gnu`. */
function listPlatforms(folder: string): string[] {
  const words = {
    x86_64: 'x64',
    aarch64: 'arm64',
    darwin: 'macOS',
    linux: 'Linux (glibc)',
    windows: 'Windows',
  };
  const tell = (word: string | undefined): string =>
    Object.entries(words).find(([key]) => word?.includes(key))?.[1] ?? word ?? '';
  return readdirSync(folder)
    .map((name) => `${tell(name.slice(name.indexOf('-')))} ${tell(name.split('-')[0])}`)
    .sort();
}

function hasGlibc(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}
