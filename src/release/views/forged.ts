import { oneLine } from './markdown.ts';

/** A command that was refused since it did not come from the API, as far as its sender says. */
export interface ForgedCommand {
  what: string;
  by: string;
  reason: string;
}

/**
 * What operators are told when somebody sends commands past the API. `kind` makes one notice of many commands;
 * `look` is the command line that shows the rest.
 */
export function renderForged(
  title: string,
  kind: string,
  command: ForgedCommand,
  look: string,
): { id: string; subject: string; lines: string[] } {
  return {
    id: `forged/${kind}`,
    subject: `${title}: a command that does not come from the API was refused (${kind.replaceAll('_', ' ')})`,
    lines: [
      'Somebody who reaches the Temporal namespace has sent a command past the API. It changed nothing.',
      '',
      `Command: ${oneLine(command.what, 200)}`,
      `Says it is from: ${oneLine(command.by, 200)}`,
      `Refused because: ${oneLine(command.reason, 500)}`,
      'What to do: find out who may reach the namespace. More of this kind is recorded, but not told again.',
      `All refusals: ${look}`,
    ],
  };
}
