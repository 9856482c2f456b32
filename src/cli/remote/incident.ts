import { SEVERITIES } from '../../release/settings.ts';
import { API_HELP, API_OPTIONS, findApi } from '../find-api.ts';
import { misuse } from '../line/cli-problem.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import { unknownName } from '../line/unknown-name.ts';
import { productPath } from './product-path.ts';

const HELP = `Usage: windlass incident PRODUCT --severity S --summary TEXT

Reports an incident in production.

  --severity S         critical (data loss, security): rolled back at once
                       high (major feature broken): rolled back after a deadline, unless dismissed
                       medium (some impact): a hotfix if that is quick, else rolled back
                       low (minor): an issue for the next release
  --summary TEXT       what is wrong, in one sentence
  --incident ID        rates this one anew (its id is in the notice and the status), instead of reporting another
${API_HELP}
Exit codes: 0 accepted, 1 refused or failed, 2 wrong use.
`;

/** `windlass incident`. */
export async function runIncident(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, {
    command: 'incident',
    operands: ['PRODUCT'],
    options: ['severity', 'summary', 'incident', ...API_OPTIONS],
  });
  if (!read) return 0;
  const { severity, summary, incident } = read.options;
  const product = read.operands[0] ?? '';
  if (severity === undefined) throw misuse(`incident: --severity is missing: ${SEVERITIES.join(', ')}.`);
  if (!(SEVERITIES as readonly string[]).includes(severity)) {
    throw misuse(`incident: ${unknownName('severity', severity, SEVERITIES)}`);
  }
  if (summary === undefined)
    throw misuse('incident: --summary is missing: say in one sentence what is wrong.');
  const path = productPath(product, '/incidents');
  const api = await findApi(read.options, context);
  await api.post(path, { severity, summary, ...(incident === undefined ? {} : { incident }) });
  const what = incident === undefined ? `Reported: ${severity} incident` : `Rated ${severity}: ${incident}`;
  context.write(`${what} of ${product}. What follows: windlass status ${product}\n`);
  return 0;
}
