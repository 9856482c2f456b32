import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCompletion } from '../../src/cli/completion/completion.ts';
import { COMMAND_GROUPS } from '../../src/cli/line/command-table.ts';
import { startTestApp, type TestApp, tokenOf } from '../api/support/test-app.ts';
import { recordAfter, sampleGate, UNTIL_GO_LIVE } from '../release/views/sample-record.ts';
import { say } from './cli-context.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const COMMANDS = COMMAND_GROUPS.flatMap((group) => group.commands.map(({ name }) => name));

const isHere = (shell: string) => spawnSync(shell, ['--version']).status === 0;
for (const shell of ['zsh', 'fish'])
  if (!isHere(shell)) console.warn(`SKIPPED: ${shell} is not installed (apt-get install -y ${shell})`);

describe('windlass completion', () => {
  let world: TestApp;
  let folder: string;
  let known: Record<string, string>;

  beforeAll(async () => {
    world = await startTestApp();
    const api = await world.app.listen({ port: 0, host: '127.0.0.1' });
    const WINDLASS_COMPLETION_TIMEOUT = '5m';
    known = { WINDLASS_API: api, WINDLASS_TOKEN: tokenOf('rita'), WINDLASS_COMPLETION_TIMEOUT };
    const record = recordAfter(UNTIL_GO_LIVE);
    world.gateway.put({
      ...record,
      approvals: [sampleGate('go_live'), sampleGate('manual_smoke', { status: 'approved' })],
    });
    folder = mkdtempSync(join(tmpdir(), 'windlass-completion-'));
    writeFileSync(join(folder, 'windlass'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
    chmodSync(join(folder, 'windlass'), 0o755);
  });

  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function candidates(words: string[], environment: Record<string, string> = known): Promise<string[]> {
    const said = await say(runCompletion, ['candidates', '--', ...words], environment, folder);
    expect([said.code, said.err]).toEqual([0, '']);
    return said.out.split('\n').filter(Boolean);
  }

  /** What a shell prints. Asynchronous: the API that it asks is this process. */
  async function ask(shell: string, argv: string[]): Promise<string[]> {
    const environment = { PATH: `${folder}:${process.env['PATH']}`, HOME: folder, ...known };
    const child = spawn(shell, argv, { cwd: folder, env: environment });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk));
    await once(child, 'close');
    return out.split('\n').filter(Boolean);
  }

  /** What bash itself offers once the script has been sourced. */
  async function pressTab(...words: string[]): Promise<string[]> {
    const child = spawn(
      'bash',
      [
        '--noprofile',
        '--norc',
        '-c',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own.
        'source <(windlass completion bash); COMP_WORDS=(windlass "$@"); COMP_CWORD=$#; _windlass; complete -p windlass >/dev/null; printf "%s\\n" "${COMPREPLY[@]}"',
        'bash',
        ...words,
      ],
      { cwd: folder, env: { PATH: `${folder}:${process.env['PATH']}`, HOME: folder, ...known } },
    );
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk));
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    return out.split('\n').filter(Boolean);
  }

  it('completes commands, products and open gates in bash', async () => {
    expect(await pressTab('ro')).toEqual(['rollback']);
    expect(await pressTab('approve', '')).toEqual(['shop', 'library']);
    expect(await pressTab('approve', 'shop', '')).toEqual(['go_live']);
  });

  it.skipIf(!isHere('fish'))('completes in fish, by its own rules', async () => {
    const press = (line: string) =>
      ask('fish', ['--no-config', '-c', 'windlass completion fish | source; complete -C $argv', line]);
    expect(await press('windlass ro')).toEqual(['rollback']);
    expect(await press('windlass approve shop ')).toEqual(['go_live']);
    // Where nothing is known, files.
    expect(await press('windlass approve shop go_live wind')).toEqual(['windlass']);
  });

  it.skipIf(!isHere('zsh'))('completes in zsh', async () => {
    // Only a key may call `compadd`: what it would be given is printed in its place.
    const script =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own.
      'autoload -U compinit; compinit -u -D; source <(windlass completion zsh); compadd() { print -rl -- "${(@P)@[-1]}" }; words=("$@") CURRENT=$#; $_comps[windlass]';
    const press = (...words: string[]) => ask('zsh', ['-f', '-c', script, 'zsh', 'windlass', ...words]);
    expect(await press('ro')).toEqual(['rollback']);
    expect(await press('approve', 'shop', '')).toEqual(['go_live']);
  });

  it('knows every command, and the options and words of its line in the help', async () => {
    expect(await candidates([''])).toEqual(COMMANDS);
    expect(await candidates(['release', 'shop', '--b'])).toEqual(['--bump']);
    expect(await candidates(['gates', 'shop', '--profile', ''])).toEqual(['peak', 'baseline']);
    expect(await candidates(['config', 'c'])).toEqual(['check']);
    expect(await candidates(['keys', ''])).toEqual(['payload', 'signing']);
    expect(await candidates(['monitoring', 'extend', 'sh'])).toEqual(['shop']);
    expect(await candidates(['approve', '--comment', 'x', 'lib'])).toEqual(['library']);
  });

  it('says nothing where no API is named, it does not answer, it refuses, or nothing can be known', async () => {
    expect(await candidates(['status', ''], {})).toEqual([]);
    expect(await candidates(['status', ''], { WINDLASS_API: 'http://127.0.0.1:9' })).toEqual([]);
    expect(await candidates(['status', ''], { ...known, WINDLASS_TOKEN: 'somebody-elses' })).toEqual([]);
    expect(await candidates(['approve', '../me', ''])).toEqual([]);
    expect(await candidates(['nothing', ''])).toEqual([]);
  });

  it('prints a script that the shell can read, for each shell, and refuses others', async () => {
    const { out } = await say(runCompletion, ['bash']);
    execFileSync('bash', ['-n'], { input: out });
    for (const shell of ['zsh', 'fish']) expect((await say(runCompletion, [shell])).code).toBe(0);
    expect(await say(runCompletion, ['tcsh'])).toMatchObject({ code: 2 });
  });
});
