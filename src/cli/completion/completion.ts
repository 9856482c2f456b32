import { misuse } from '../line/cli-problem.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import { listCandidates } from './list-candidates.ts';
import { isShell, SHELL_SCRIPTS } from './shell-scripts.ts';

const HELP = `Usage: windlass completion bash|zsh|fish

The script that completes windlass in your shell: commands, their options, and, where WINDLASS_API or a windlass.yaml
names an API that answers within 1.5s (or WINDLASS_COMPLETION_TIMEOUT, as in 5s), products and open gates.

  bash    echo 'source <(windlass completion bash)' >> ~/.bashrc
  zsh     echo 'source <(windlass completion zsh)' >> ~/.zshrc        (after compinit)
  fish    windlass completion fish > ~/.config/fish/completions/windlass.fish

Exit codes: 0 shown, 2 wrong use.
`;

/** `windlass completion …`; `completion candidates -- WORD…` is what the shells' scripts ask at each press of the key. */
export async function runCompletion(argv: string[], context: CliContext = processContext()): Promise<number> {
  if (argv[0] === 'candidates' && argv[1] === '--') {
    const found = await listCandidates(argv.slice(2), context);
    context.write(found.map((one) => `${one}\n`).join(''));
    return 0;
  }
  const read = readLine(argv, context, HELP, { command: 'completion', operands: ['SHELL'] });
  if (!read) return 0;
  const [shell = ''] = read.operands;
  if (!isShell(shell))
    throw misuse('completion is for bash, zsh or fish.', '"windlass completion --help" says how.');
  context.write(SHELL_SCRIPTS[shell]);
  return 0;
}
