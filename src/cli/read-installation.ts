import type { Installation } from '../config/installation.ts';
import { isConfigMistakes } from '../config/installation.ts';
import { findConfigFile, loadInstallation } from '../config/load.ts';
import { describeMistakes } from '../config/mistakes/mistake.ts';
import { CliProblem } from './line/cli-problem.ts';
import type { CliContext } from './line/context.ts';

/**
 * The configuration that a command works by.
 * @throws CliProblem that shows every mistake of the file at once.
 */
export function readInstallation(
  asked: string | undefined,
  context: Pick<CliContext, 'environment' | 'folder'>,
): Installation {
  const file = findConfigFile(asked, context.environment, context.folder);
  const loaded = loadInstallation({ file, environment: context.environment });
  if (!isConfigMistakes(loaded)) return loaded;
  throw new CliProblem(`the configuration cannot be used.\n\n${describeMistakes(loaded)}\n`, {
    hint: 'Nothing was started or changed. "windlass config check" looks again; "windlass config init" writes one to start from.',
  });
}
