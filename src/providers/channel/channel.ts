import type { Keys, ProviderSection, ProviderSettings } from '../settings.ts';

/** What a way of telling people owes. */
export interface ChannelProvider<
  K extends Keys = Keys,
  Settings extends object = object,
  Effect extends string = string,
> extends ProviderSettings<K, Settings> {
  /** For people: `Slack`. */
  title: string;
  /** The outside change that it makes, by name: the crash test has a case for it. */
  effect: Effect;
  /** Whether it keeps each notice once by itself, however often it is sent. */
  keepsEachOnce: boolean;
  /** Its client, loaded by whoever sends. */
  load(): Promise<NoticeSender<NoInfer<Settings>>>;
}

export interface NoticeSender<Settings extends object = object> {
  /**
   * Sends once.
   * @throws NotifyFailure that says whether it may have arrived
   */
  sendNotice(notice: ChannelNotice, settings: Settings, tools: ChannelTools): Promise<void>;
  /**
   * Finds out whether it could be sent, without sending; absent where nothing can be found out.
   * @throws NotifyFailure
   */
  preflight?(settings: Settings, tools: ChannelTools): Promise<void>;
}

/** What is told. */
export interface ChannelNotice {
  /** The same for every repetition. */
  id: string;
  product: string;
  releaseId: string;
  subject: string;
  /** Plain text, with the link at its end. */
  text: string;
}

/** What a channel may use of the worker that sends. */
export interface ChannelTools {
  signal: AbortSignal;
  /** The value of a secret, by its name. */
  secret(name: string): string;
  /** The provider's own section of the configuration. */
  section: unknown;
}

/** Keeps a provider's own types together. */
export function defineChannel<
  const K extends Keys,
  Settings extends object,
  const Effect extends string,
  const S extends Keys = Record<never, never>,
>(
  provider: ChannelProvider<K, Settings, Effect> & { section?: ProviderSection<S> },
): ChannelProvider<K, Settings, Effect> & { section?: ProviderSection<S> } {
  return provider;
}
