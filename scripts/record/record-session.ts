import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** What a terminal was sent, and when, in seconds since the first prompt. */
export interface Moment {
  seconds: number;
  text: string;
}

/** What moves the cursor or colours the text. */
const CONTROL = /\u001b\[[0-9;?]*[A-Za-z]/g;
const PROMPT = '\u276f ';
/** How fast somebody types, and how long they read what came before they go on. */
const KEY_MS = 45;
const READ_MS = 2_600;
/** A program that says nothing for so long is broken. */
const SILENCE_MS = 60_000;

/**
 * Types commands into a shell in a pseudo-terminal, each after the one before has ended. A program's questions are
 * answered by the return key: with what they propose.
 */
export async function recordSession(session: {
  folder: string;
  environment: Record<string, string>;
  commands: readonly string[];
  size: { columns: number; rows: number };
}): Promise<Moment[]> {
  const { folder, environment, commands, size } = session;
  const start = join(environment['HOME'] ?? folder, 'start.sh');
  writeFileSync(
    start,
    `stty cols ${size.columns} rows ${size.rows}\nPS1='${PROMPT}'\nbind 'set enable-bracketed-paste off'\n`,
  );
  const shell = spawn('script', ['--quiet', '--flush', '--command', `bash --rcfile ${start}`, '/dev/null'], {
    cwd: folder,
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const moments: Moment[] = [];
  let began: number | undefined;
  let ending = '';
  let heard = () => {};
  shell.stdout.setEncoding('utf8');
  shell.stdout.on('data', (text: string) => {
    began ??= performance.now();
    moments.push({ seconds: (performance.now() - began) / 1_000, text });
    ending = (ending + text).replace(CONTROL, '').slice(-400);
    heard();
  });
  const until = async (fits: (ending: string) => boolean): Promise<void> => {
    while (!fits(ending)) {
      const signal = AbortSignal.timeout(SILENCE_MS);
      await new Promise<void>((resolve, reject) => {
        heard = resolve;
        signal.addEventListener('abort', () => reject(new Error(`The terminal fell silent: ${ending}`)));
      });
    }
  };
  const isPrompt = (text: string) => text.endsWith(PROMPT);
  const isQuestion = (text: string) => /\[[^\]\n]*\] $/.test(text);
  try {
    await until(isPrompt);
    for (const command of commands) {
      for (const key of command) {
        shell.stdin.write(key);
        await wait(KEY_MS);
      }
      for (;;) {
        ending = '';
        shell.stdin.write('\n');
        await until((text) => isPrompt(text) || isQuestion(text));
        if (isPrompt(ending)) break;
        await wait(READ_MS / 6);
      }
      await wait(READ_MS);
    }
    const seconds = (performance.now() - (began ?? 0)) / 1_000;
    const shown = [...moments, { seconds, text: '' }];
    shell.stdin.end('\u0004');
    await once(shell, 'close');
    return shown;
  } finally {
    shell.kill();
  }
}
