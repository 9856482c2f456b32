import type { Client } from '@temporalio/client';
import type { Installation } from '../config/installation.ts';
import { findNearest } from '../config/mistakes/nearest.ts';
import { calendarWorkflowId } from '../contracts/workflow-ids.ts';
import { describeLocal, nextOccurrences } from '../release/calendar/calendar.ts';
import { printable } from '../release/plan/printable.ts';
import type { ScheduleSettings } from '../release/settings.ts';
import type { ApiClient } from './api-client.ts';
import { API_HELP, API_OPTIONS, findApi } from './find-api.ts';
import { CliProblem, misuse } from './line/cli-problem.ts';
import { type CliContext, processContext } from './line/context.ts';
import { readLine } from './line/read-line.ts';
import { readWholeInstallation, requireProduct } from './read-installation.ts';
import { productPath } from './remote/product-path.ts';
import { renderTable } from './remote/status.ts';

const HELP = `Usage: windlass schedule apply              make Temporal's schedules what the configuration says
       windlass schedule enable PRODUCT     let it start releases
       windlass schedule pause PRODUCT      stop it from starting releases
       windlass schedule list               which there are, and when they start a release next
       windlass schedule trigger PRODUCT    do now what it would do at its time, in your name
       windlass schedule preview PRODUCT [--count N] [--from YYYY-MM-DD]

A product's \`schedule\` releases it at the end of a sprint. apply creates it paused until someone enables it (or
\`auto_trigger: true\` does); one that exists keeps its state. A firing in a week that ends no sprint starts nothing.
Whoever triggers it has asked for the release, and cannot be its only approver.
preview needs no server; list and trigger ask the HTTP API; the others speak to Temporal with the rights of this
machine's configuration.

  --count N            how many times to show (default 5, at most 100)
  --from YYYY-MM-DD    show those after this day (default: now)

${API_HELP}
Exit codes: 0 done, 1 failed, 2 wrong use.
`;

const VERBS = ['apply', 'enable', 'pause', 'list', 'trigger', 'preview'] as const;
type Verb = (typeof VERBS)[number];

/** `windlass schedule …`. */
export async function runSchedule(argv: string[], context: CliContext = processContext()): Promise<number> {
  const [verb, ...rest] = argv;
  if (verb === '--help' || verb === '-h') {
    context.write(HELP);
    return 0;
  }
  if (!isVerb(verb)) {
    const nearest = findNearest(verb ?? '', VERBS);
    const meant = verb === undefined || nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
    const wrong =
      verb === undefined ? 'say what to do' : `there is no "schedule ${printable(verb.slice(0, 40))}"`;
    throw misuse(
      `${wrong}.${meant}`,
      `It is one of ${VERBS.join(', ')}; "windlass schedule --help" says more.`,
    );
  }
  const aboutOne = verb !== 'apply' && verb !== 'list';
  const read = readLine(rest, context, HELP, {
    command: `schedule ${verb}`,
    operands: aboutOne ? ['PRODUCT'] : [],
    options:
      verb === 'preview'
        ? (['config', 'count', 'from'] as const)
        : verb === 'list' || verb === 'trigger'
          ? API_OPTIONS
          : (['config'] as const),
  });
  if (!read) return 0;
  const [product = ''] = read.operands;
  if (verb === 'list' || verb === 'trigger') {
    const api = await findApi(read.options, context);
    return await (verb === 'list' ? list(api, context) : trigger(api, product, context));
  }
  const installation = readWholeInstallation(read.options.config, context);
  if (verb === 'preview') return preview(product, findSchedule(installation, product), read.options, context);
  if (verb !== 'apply') findSchedule(installation, product);
  // Only now: a preview needs nothing of Temporal.
  const { connectInstallation } = await import('../temporal/installation-client.ts');
  const access = { installation, role: 'workflow', environment: context.environment } as const;
  const { client, close } = await connectInstallation(access);
  try {
    return await (verb === 'apply'
      ? apply(client, installation, context)
      : switchOne(client, verb, product, context));
  } finally {
    await close();
  }
}

function isVerb(verb: string | undefined): verb is Verb {
  return (VERBS as readonly (string | undefined)[]).includes(verb);
}

function findSchedule(installation: Installation, product: string): ScheduleSettings {
  const settings = requireProduct(installation, product);
  if (!settings.schedule) {
    throw new CliProblem(`${product} has no schedule.`, {
      hint: `Give it one: products.${product}.schedule in ${installation.file}.`,
    });
  }
  return settings.schedule;
}

function preview(
  product: string,
  schedule: ScheduleSettings,
  options: { count?: string; from?: string },
  context: CliContext,
): number {
  const { count = '5', from } = options;
  if (!/^\d{1,3}$/.test(count) || Number(count) < 1 || Number(count) > 100) {
    throw misuse(
      `schedule preview: --count is a number from 1 to 100, not "${printable(count.slice(0, 40))}".`,
    );
  }
  const start = from === undefined ? context.now().getTime() : readDay(from);
  const weeks = schedule.everyWeeks === 1 ? 'every week' : `every ${schedule.everyWeeks} weeks`;
  context.write(
    `${product}: ${schedule.day} ${schedule.time} ${schedule.timeZone}, ${weeks}, counted from ${schedule.anchor}\n`,
  );
  for (const at of nextOccurrences(schedule, start, Number(count))) {
    context.write(
      `  ${describeLocal(at, schedule.timeZone)}   (${new Date(at).toISOString().slice(0, 16)}Z)\n`,
    );
  }
  return 0;
}

/** The beginning of a day in UTC. */
function readDay(written: string): number {
  const start = /^\d{4}-\d\d-\d\d$/.test(written) ? Date.parse(`${written}T00:00:00Z`) : Number.NaN;
  // The 30th of February would be taken for a day of March.
  if (!Number.isNaN(start) && new Date(start).toISOString().startsWith(written)) return start;
  throw misuse(
    `schedule preview: --from is a day such as 2026-11-20, not "${printable(written.slice(0, 40))}".`,
  );
}

async function apply(client: Client, installation: Installation, context: CliContext): Promise<number> {
  const [
    { applySchedules, listSchedules },
    { AUTO_TRIGGER_NOTE, CALENDAR_PREFIX, listWantedSchedules, PAUSED_NOTE },
  ] = await Promise.all([import('../temporal/schedules.ts'), import('../temporal/product-schedules.ts')]);
  const applied = await applySchedules(client, listWantedSchedules(installation), CALENDAR_PREFIX);
  for (const { name, release, schedule } of Object.values(installation.products)) {
    if (schedule === undefined) continue;
    const handle = client.schedule.getHandle(calendarWorkflowId(name));
    const { state } = await handle.describe();
    const untouched =
      applied.created.includes(handle.scheduleId) || state.note === PAUSED_NOTE.replace('PRODUCT', name);
    // Only the configuration's own say is changed by the configuration: what a person did by hand stays.
    if (release.autoTrigger && state.paused && untouched) await handle.unpause(AUTO_TRIGGER_NOTE);
    if (!release.autoTrigger && !state.paused && state.note === AUTO_TRIGGER_NOTE) {
      await handle.pause(PAUSED_NOTE.replace('PRODUCT', name));
    }
  }
  for (const [what, ids] of Object.entries(applied)) {
    for (const id of ids as string[]) context.write(`${what}: ${id.slice(CALENDAR_PREFIX.length)}\n`);
  }
  const states = await listSchedules(client, CALENDAR_PREFIX);
  const paused = states.filter((state) => state.paused).map(({ id }) => id.slice(CALENDAR_PREFIX.length));
  if (paused.length > 0) {
    context.write(
      `Paused until someone enables it: ${paused.join(', ')} (windlass schedule enable PRODUCT).\n`,
    );
  }
  if (Object.values(applied).flat().length === 0)
    context.write('No product of the configuration has a schedule.\n');
  return 0;
}

interface ScheduleListing {
  product: string;
  paused: boolean;
  note: string;
  nextTimes: string[];
}

async function list(api: ApiClient, context: CliContext): Promise<number> {
  const { schedules } = await api.get<{ schedules: ScheduleListing[] }>('/v1/schedules');
  if (schedules.length === 0) {
    context.write('There are no schedules. "windlass schedule apply" makes those of the configuration.\n');
    return 0;
  }
  const rows = schedules.map(({ product, paused, note, nextTimes }) => {
    const next = nextTimes[0]?.slice(0, 16).replace('T', ' ') ?? '-';
    return [product, paused ? 'paused' : 'enabled', next, note];
  });
  context.write(renderTable(['PRODUCT', 'STATE', 'FIRES NEXT (UTC)', 'NOTE'], rows));
  context.write(
    '\nA firing in a week that ends no sprint starts nothing: windlass schedule preview PRODUCT\n',
  );
  return 0;
}

async function trigger(api: ApiClient, product: string, context: CliContext): Promise<number> {
  productPath(product);
  const answer = await api.post<{ nothing?: string }>(
    `/v1/schedules/${encodeURIComponent(product)}/trigger`,
    {},
  );
  const then = answer?.nothing ?? `What comes of it: windlass status ${product}`;
  context.write(`Fired the schedule of ${product}. ${then}\n`);
  return 0;
}

async function switchOne(
  client: Client,
  verb: 'enable' | 'pause',
  product: string,
  context: CliContext,
): Promise<number> {
  const handle = client.schedule.getHandle(calendarWorkflowId(product));
  try {
    if (verb === 'enable') await handle.unpause('Enabled by "windlass schedule enable".');
    else await handle.pause('Paused by "windlass schedule pause".');
  } catch (error) {
    const { ScheduleNotFoundError } = await import('@temporalio/client');
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new CliProblem(`the schedule of ${product} was not applied yet. Nothing was changed.`, {
      hint: 'Make it: windlass schedule apply',
    });
  }
  context.write(`${verb === 'enable' ? 'Enabled' : 'Paused'} the schedule of ${product}.\n`);
  return 0;
}
