import type { PreflightFinding } from '../../contracts/preflight.ts';
import { limitSignal } from '../../integrations/limit-signal.ts';
import type { ChannelProvider } from '../../providers/channel/channel.ts';
import { CHANNELS, type Channel } from '../../providers/channel/channels.ts';
import { type Keys, nameProvider, readSection } from '../../providers/settings.ts';
import { LIMITS_MS } from '../../release/policy/default-times.ts';
import { takeSecret } from '../deps.ts';
import { failedFinding } from './findings.ts';
import type { Look, LookedAt } from './look.ts';

/** Can the people be told? Nobody is told anything by looking, and a channel that is away never stops a release. */
export const lookAtChannels: Look = async (at) => {
  const ways = Object.entries(at.deps.installation.channels).flatMap(([name, channels]) =>
    channels.map((channel) => ({ name, channel })),
  );
  const found = await Promise.all(ways.map(({ name, channel }) => lookAtChannel(at, name, channel)));
  return found.flat();
};

async function lookAtChannel(
  { deps }: LookedAt,
  name: string,
  channel: Channel,
): Promise<PreflightFinding[]> {
  const provider: ChannelProvider<Keys, object, string> = CHANNELS[nameProvider(CHANNELS, channel)];
  const subject = `channel ${name} (${provider.title})`;
  const signal = limitSignal(LIMITS_MS.channelProbe, deps.signal());
  try {
    const { preflight } = await provider.load();
    if (preflight === undefined) return [];
    const section = readSection(provider, deps.installation);
    await preflight(channel, { signal, section, secret: (secret) => takeSecret(deps, secret) });
    return [{ subject, state: 'ok', found: 'answers' }];
  } catch (error) {
    deps.signal().throwIfAborted();
    return [failedFinding(subject, 'warning', error, 'see that it answers; else nobody is told by it')];
  }
}
