import { fileURLToPath } from 'node:url';
import type { WorkflowBundle } from '@temporalio/worker';
import { createDataConverter } from '../temporal/data-converter.ts';

/**
 * The workflows as a worker runs them, bundled from the sources with the payload converter of the workers. Takes a few
 * seconds; once per process. In the package `workflow-bundle.packaged.ts` stands in for this file.
 */
export async function bundleWorkflows(): Promise<WorkflowBundle> {
  // webpack and its helpers are slow to load, and only needed here.
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { payloadConverterPath } = createDataConverter();
  return await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    ...(payloadConverterPath === undefined ? {} : { payloadConverterPath }),
    workflowInterceptorModules: [
      fileURLToPath(new URL('../workflows/shared/refuse-unopened.ts', import.meta.url)),
    ],
    // webpack tells every module; only its problems are worth reading.
    logger: new DefaultLogger('WARN'),
  });
}

/** Which workflows a worker would run, as a sentence without its full stop; `whole` is false when they are damaged. */
export async function describeWorkflowBundle(): Promise<{ found: string; whole: boolean }> {
  return { found: 'bundled from the sources of this checkout when a worker starts', whole: true };
}
