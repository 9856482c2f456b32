import type { z } from 'zod';
import type * as Fields from '../../config/schema/fields.ts';
import type { ASKED_BUMPS } from '../../release/names.ts';
import type { HostSettings } from '../../release/settings.ts';
import type { Store } from '../store/store.ts';
import type { Host } from './host.ts';

/** The checked patterns that a section's fields are made of. */
export type FieldKinds = typeof Fields;

/** What every host's section of a product has; a host adds how its repositories are named. */
export interface HostSection {
  api_url: string;
  token: string;
  blocking_labels: string[];
  customer_label: string;
  /** Whether deployments are shown there, where the host can. */
  deployments?: boolean;
}

/** With what a host is opened. */
export interface HostAccess {
  settings: HostSettings;
  /** The secret itself. */
  token: string;
  signal: AbortSignal;
}

/** One kind of host, as `hosts.ts` lists it. Cheap to import: the client comes with `open`. */
export interface HostKind {
  /** For people, such as `GitHub`. */
  title: string;
  /** The product's section in `windlass.yaml`, under the kind's name in the map. */
  section(field: FieldKinds): z.ZodType<HostSection>;
  /** The path of the repository at the host, such as `team/shop`. */
  readProject(section: HostSection): string;
  open(access: HostAccess): Promise<Host>;
  /** The variable in which people at the command line have their token, by the field's custom. */
  tokenVariable: string;
  /**
   * The text of a published release page, for an audit from the command line: without the client, and without a
   * token where the page is public. `unread` says why it could not be read.
   */
  readPage(page: {
    settings: HostSettings;
    tag: string;
    token: string | undefined;
    signal: AbortSignal;
  }): Promise<{ text: string } | { unread: string }>;
  /** What the host sends when somebody starts a workflow there. */
  webhook?: HostWebhook;
}

/** A host's own way to ask for a release. Signed with the secret `NAME_webhook`; acts as the person `NAME`. */
export interface HostWebhook {
  /** What it is for, in one line. */
  summary: string;
  body: z.ZodType;
  /** The header that carries the signature or the token. */
  header: string;
  /** Total, and takes the same time whatever was sent. `bytes` is the body as it came. */
  verify(secret: string, bytes: Buffer, header: string): boolean | Promise<boolean>;
  /** What is asked for, of a body that keeps to `body`; `ignored` says why nothing is. */
  read(headers: Record<string, unknown>, body: unknown): HostWish | { ignored: string };
}

/** A release that somebody asked for at the host. */
export interface HostWish {
  /** As they named it; else the product is found by the repository. */
  product?: string;
  /** The path of the repository at the host. */
  project?: string;
  bump: (typeof ASKED_BUMPS)[number];
  /** The login there of whoever asked. */
  sender?: string;
  /** The same for every delivery of the same wish. */
  key?: string;
}

/** Where issues go that have no host. */
export type IssueStore = Pick<Store, 'readNamed' | 'putNamed'>;
