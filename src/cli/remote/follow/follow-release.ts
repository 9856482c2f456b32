import type { ReleaseRecord } from '../../../release/record/record.ts';
import type { ApiClient } from '../../api-client.ts';
import { ApiAway, ApiProblem } from '../../api-client.ts';
import { CliProblem } from '../../line/cli-problem.ts';
import type { CliContext } from '../../line/context.ts';
import type { ReleaseView } from '../answers.ts';
import { readView } from '../answers.ts';
import { productPath } from '../product-path.ts';
import { readEvents } from './read-events.ts';

/** Between two looks where there is no stream. */
const POLL_MS = 2_000;
/** Looks until what was just started is shown; then something is wrong. */
const LOOKS_FOR_A_NEW_ONE = 15;
/** A stream without even a heartbeat for so long is dead: a laptop slept, or a proxy forgot it. */
const SILENCE_MS = 60_000;
/** The stream tells what the record says; that a workflow was terminated from outside, only the API's answer does. */
const LOOK_MS = 60_000;
/** The API may be restarted under us: a release lives longer than any process. After this long it is given up. */
const PATIENCE_MS = 10 * 60_000;

export interface Follow {
  api: ApiClient;
  product: string;
  /** Which flow of the product: a release where nothing is said. */
  kind?: string;
  /** The one that was just started: a look may still find the one before. Whatever is there, if nothing is said. */
  releaseId?: string;
  context: CliContext;
  /** Gets each new state of the record, the first and the last too. */
  onRecord(record: ReleaseRecord): void;
  /** Gets a sentence when the way of following changes. */
  onNote(note: string): void;
}

/**
 * Follows a product's release to its end: by the event stream, and by asking every two seconds where that fails.
 * @returns the record as it ended; without an outcome when its workflow was terminated from outside
 * @throws CliProblem when there is no such release, or the API stays away for ten minutes.
 */
export async function followRelease(follow: Follow): Promise<ReleaseRecord> {
  const { api, product, context, onNote } = follow;
  const path = productPath(product, '', follow.kind);
  let last = readView(await api.get(path));
  for (let looks = 1; follow.releaseId !== undefined && last.record.releaseId !== follow.releaseId; looks++) {
    if (looks === LOOKS_FOR_A_NEW_ONE) {
      throw new CliProblem(
        `${follow.releaseId} was started, but ${last.record.releaseId} is what is shown.`,
        {
          hint: `"windlass watch ${product}" follows what is shown.`,
        },
      );
    }
    await context.wait(POLL_MS);
    last = readView(await api.get(path));
  }
  const { releaseId } = last.record;
  follow.onRecord(last.record);
  /** False for a state that is older than what is known. */
  const take = (view: ReleaseView): boolean => {
    const { record } = view;
    // What is shown on a stream at first may be the one before.
    if (record.releaseId !== releaseId && record.startedAt < last.record.startedAt) return false;
    if (record.releaseId !== releaseId) {
      throw new CliProblem(
        `${releaseId} is over, and ${record.releaseId} has begun; how the first ended was missed.`,
        {
          hint: `"windlass watch ${product}" follows the new one.`,
        },
      );
    }
    // A look may be older than what the stream told before.
    if (record.timelineTotal < last.record.timelineTotal) return false;
    last = view;
    follow.onRecord(record);
    return true;
  };
  let streams = true;
  let lastEventId: string | undefined;
  let awaySince: number | undefined;
  while (!isOver(last)) {
    try {
      if (streams) {
        streams = await takeStream(
          follow,
          productPath(product, '/events', follow.kind),
          lastEventId,
          take,
          (id) => {
            lastEventId = id;
            awaySince = undefined;
          },
        );
        if (!streams) onNote('no event stream here; asking every 2 s instead');
      }
      if (isOver(last)) break;
      take(readView(await api.get(path)));
      awaySince = undefined;
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (awaySince === undefined) onNote(`the API is away (${error.message}) Trying again.`);
      awaySince ??= context.now().getTime();
      if (context.now().getTime() - awaySince > PATIENCE_MS) throw error;
    }
    if (!isOver(last)) await context.wait(POLL_MS);
  }
  return last.record;
}

/** Terminated from outside, a release is over without an outcome. */
function isOver({ record, open }: ReleaseView): boolean {
  return record.outcome !== undefined || !open;
}

function isPassing(error: unknown): error is Error {
  return (
    error instanceof ApiAway || (error instanceof ApiProblem && (error.status >= 500 || error.status === 429))
  );
}

/** Reads one stream until it or the release ends. `false`: there are no streams here. */
async function takeStream(
  { api, context }: Follow,
  path: string,
  lastEventId: string | undefined,
  take: (view: ReleaseView) => boolean,
  onId: (id: string | undefined) => void,
): Promise<boolean> {
  const quiet = new AbortController();
  const silence = setTimeout(() => quiet.abort(), SILENCE_MS);
  try {
    let response: Response;
    try {
      response = await api.openEvents(path, quiet.signal, lastEventId);
    } catch (error) {
      // Too many streams, or a version without them: asking still works.
      if (error instanceof ApiProblem && error.status !== 401 && error.status !== 403) return false;
      throw error;
    }
    if (!/^text\/event-stream\b/.test(response.headers.get('content-type') ?? '') || !response.body) {
      await response.body?.cancel();
      return false;
    }
    const until = context.now().getTime() + LOOK_MS;
    for await (const event of readEvents(response.body)) {
      silence.refresh();
      if (context.now().getTime() > until) break;
      onId(event.id ?? lastEventId);
      const view = event.event === 'comment' ? undefined : parseView(event.data);
      if (!view) continue;
      if (take(view) && isOver(view)) break;
    }
  } catch (error) {
    if (error instanceof CliProblem) throw error;
    // The stream broke: the next look tells whether the API is still there.
  } finally {
    clearTimeout(silence);
    quiet.abort();
  }
  return true;
}

/** Other events, such as a farewell, hold no record. */
function parseView(data: string): ReleaseView | undefined {
  try {
    return readView(JSON.parse(data));
  } catch {
    return undefined;
  }
}
