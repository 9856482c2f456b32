import type { PreflightFinding } from '../../contracts/preflight.ts';
import { limitSignal } from '../../integrations/limit-signal.ts';
import { LIMITS_MS } from '../../release/policy/default-times.ts';
import type { Look } from './look.ts';

/** Decisions are signed with a time and are refused when it lies in the future: more than this is too much. */
const TOO_FAR_MS = 60_000;

/**
 * Does this machine's clock agree with those of the others? The `Date` of any answer over http says what time it is
 * there (RFC 9110, 6.6.1), to the second: of the API first, since it dates the decisions.
 */
export const lookAtClock: Look = async ({ deps, product }) => {
  const subject = 'clock';
  const places = [deps.installation.api.url, product.host?.apiUrl, product.repositoryUrl];
  for (const place of places) {
    if (place === undefined || !/^https?:/.test(place)) continue;
    const offset = await readOffset(new URL('/', place), deps.signal());
    if (offset !== undefined) return [describeOffset(subject, new URL(place).host, offset)];
  }
  return [
    {
      subject,
      state: 'warning',
      found: 'could not be compared: neither the API nor a host of the product tells the time',
      advice: 'see that this machine keeps its time by NTP',
    },
  ];
};

function describeOffset(subject: string, host: string, offset: number): PreflightFinding {
  const seconds = Math.round(Math.abs(offset) / 1_000);
  if (Math.abs(offset) <= TOO_FAR_MS) {
    return { subject, state: 'ok', found: `within ${Math.max(seconds, 1)} s of ${host}` };
  }
  return {
    subject,
    state: 'problem',
    found: `${seconds} s ${offset > 0 ? 'behind' : 'ahead of'} ${host}`,
    advice: 'set the clocks by NTP: decisions would be refused as expired or as not valid yet',
  };
}

/** How far the other clock is ahead of ours, in milliseconds; undefined where nobody tells. */
async function readOffset(url: URL, signal: AbortSignal): Promise<number | undefined> {
  const limited = limitSignal(LIMITS_MS.clockProbe, signal);
  const asked = Date.now();
  try {
    const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: limited });
    const there = Date.parse(response.headers.get('date') ?? '');
    // A cache says how old its answer is.
    if (Number.isNaN(there) || response.headers.has('age')) return undefined;
    return there - (asked + Date.now()) / 2;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
