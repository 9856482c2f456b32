import type { SupportActivities } from '../../contracts/activities.ts';
import type { ChannelProvider } from '../../providers/channel/channel.ts';
import { CHANNELS, type ChannelEffectName } from '../../providers/channel/channels.ts';
import { type Keys, nameProvider, readSection } from '../../providers/settings.ts';
import { GATE_KEYS } from '../../release/approvals.ts';
import { releasePath } from '../../release/views/words.ts';
import type { ActivityDeps } from '../deps.ts';
import { takeSecret } from '../deps.ts';
import { sendOnce } from './send-once.ts';

/**
 * Tells a channel. What was sent is noted, so that a retry repeats only what failed. At least once is what Slack, mail
 * and webhooks can promise; mail and webhooks carry a stable id by which a second delivery can be recognised, a notice
 * file keeps each notice once.
 */
export function notify(deps: ActivityDeps): SupportActivities['notify'] {
  return async (input) => {
    const sent: string[] = [];
    const failed: string[] = [];
    const perhapsTwice: string[] = [];
    // A link opens the decision and never makes one: mail scanners click.
    const at = GATE_KEYS.find((key) => key === input.gate);
    const page = `${releasePath(input.product, input.flow)}${at === undefined ? '' : `#do-approve-${at}`}`;
    const text = `${input.text}\n\n${deps.installation.api.url}${page}`;
    for (const channel of deps.installation.channels[input.channel] ?? []) {
      const provider: ChannelProvider<Keys, object, ChannelEffectName> =
        CHANNELS[nameProvider(CHANNELS, channel)];
      const tools = {
        signal: deps.signal(),
        secret: (name: string) => takeSecret(deps, name),
        section: readSection(provider, deps.installation),
      };
      try {
        const { sendNotice } = await provider.load();
        const done = await sendOnce(deps, provider, input, JSON.stringify(channel), () =>
          sendNotice({ ...input, text }, channel, tools),
        );
        sent.push(provider.title);
        if (done.perhapsTwice) perhapsTwice.push(provider.title);
      } catch (error) {
        failed.push(
          `${provider.title}: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300),
        );
      }
    }
    return { sent, failed, perhapsTwice };
  };
}
