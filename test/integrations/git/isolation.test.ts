import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runConfig } from '../../../src/cli/config.ts';
import { runWorkers } from '../../../src/cli/process/run-workers.ts';
import { WORKER_PARTS } from '../../../src/contracts/task-queues.ts';
import { openFolderStore } from '../../../src/providers/store/folder/folder-store.ts';
import type { WorkerSetUp } from '../../../src/workers/start-workers.ts';
import { say } from '../../cli/cli-context.ts';
import { WHOLE } from '../../config/support/config-file.ts';

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-isolation-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('a place for checkouts', () => {
  it('is warned of where tools would find something above it', async () => {
    for (const name of ['package.json', 'node_modules', 'go.work', '.cargo/config.toml']) {
      const above = join(makeFolder(), 'above');
      mkdirSync(dirname(join(above, name)), { recursive: true });
      writeFileSync(join(above, name), '');
      writeFileSync(join(above, 'windlass.yaml'), `${WHOLE}work_folder: ./work/deep\n`);
      const { code, out } = await say(runConfig, ['check'], {}, above);
      expect([code, out]).toEqual([0, expect.stringContaining(`${join(above, name)} above`)]);
    }
  });

  it('is refused inside of a repository, when it is checked and when workers start', async () => {
    const folder = makeFolder();
    execFileSync('git', ['init', '--quiet', folder]);
    writeFileSync(join(folder, 'windlass.yaml'), `${WHOLE}work_folder: ./.windlass/work\n`);
    const { code, err } = await say(runConfig, ['check'], {}, folder);
    expect([code, err]).toEqual([1, expect.stringContaining(`${join(folder, '.git')} above`)]);
    const installation = { workFolder: join(folder, '.windlass/work') };
    const started = runWorkers(WORKER_PARTS, { installation } as unknown as WorkerSetUp);
    await expect(started).rejects.toThrow(`it lies in a repository (${join(folder, '.git')})`);
  });

  it('is a folder of its own by default, wherever the configuration lies', async () => {
    const folder = makeFolder();
    const home = makeFolder();
    execFileSync('git', ['init', '--quiet', folder]);
    writeFileSync(join(folder, 'windlass.yaml'), WHOLE);
    expect(await say(runConfig, ['check'], { HOME: home }, folder)).toMatchObject({ code: 0 });
  });
});

describe("Windlass's own folder in a repository", () => {
  it('is nothing to commit, without an entry in anybody’s .gitignore', async () => {
    const folder = makeFolder();
    execFileSync('git', ['init', '--quiet', folder]);
    const store = await openFolderStore(join(folder, '.windlass', 'store'));
    await store.put(Buffer.from('bytes'));
    await openFolderStore(join(folder, '.windlass', 'store'));
    expect(execFileSync('git', ['-C', folder, 'status', '--porcelain'], { encoding: 'utf8' })).toBe('');
  });
});
