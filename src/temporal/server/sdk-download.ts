/**
 * A program of its own, run by `downloadWithSdk`: `node sdk-download.ts FOLDER`. The SDK has no call that only
 * downloads, and a download under way cannot be cancelled in process, so this starts a throw-away server by the
 * SDK's public way, stops it again, and may be killed at any time.
 */
import { mkdir } from 'node:fs/promises';

const folder = process.argv[2];
if (folder === undefined) throw new Error('Usage: node sdk-download.ts FOLDER');
try {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  await mkdir(folder, { recursive: true });
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: folder, ttl: '3650d' } },
  });
  await environment.teardown();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  // The innermost cause comes last in the SDK's chain of messages, and its URL repeats: one line will do.
  process.stderr.write(`${message.split('\n')[0]?.slice(0, 2_000)}\n`);
  process.exitCode = 1;
}
