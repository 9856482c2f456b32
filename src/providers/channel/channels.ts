import type { Entry, SectionsOf, SettingsOf } from '../settings.ts';
import { fileChannel } from './file/settings.ts';
import { mailChannel } from './mail/settings.ts';
import { slackChannel } from './slack/settings.ts';
import { webhookChannel } from './webhook/settings.ts';

/** The ways of telling people, by the key that stands for each in an entry of `channels`. */
export const CHANNELS = {
  slack: slackChannel,
  email: mailChannel,
  webhook: webhookChannel,
  file: fileChannel,
};

/** One way of telling people, as it is configured. */
export type Channel = SettingsOf<typeof CHANNELS>;
/** What channels need beside their entries: sections at the top of the file. */
export type ChannelSections = Entry<SectionsOf<typeof CHANNELS>>;
export type ChannelEffectName = (typeof CHANNELS)[keyof typeof CHANNELS]['effect'];

export const CHANNEL_EFFECTS: readonly ChannelEffectName[] = Object.values(CHANNELS).map(
  ({ effect }) => effect,
);
