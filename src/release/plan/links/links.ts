/** Web addresses of commits, issues, pull requests and comparisons, in the form of the host that has them. */
import type { Reference } from '../commits/references.ts';
import { encodeQuery, formOf, LINK_FORMS, type LinkForm } from './forms.ts';
import { webAddress } from './web-address.ts';

/** How a product's links are written. */
export interface LinkSettings {
  /** Name of a form, `auto` (by the host's name; none where it is not known) or `none`. */
  form: string;
  /** Addresses of one's own, with `{number}`, `{sha}`, `{from}`, `{to}` or `{tag}` in them. */
  own?: Partial<Record<'commit' | 'issue' | 'pull' | 'compare' | 'tag', string>>;
}

export interface Links {
  issue(reference: Reference): string | null;
  /** How a mention is written: `#12`, `!12` on GitLab, `owner/repo#12` for another project. */
  label(reference: Reference): string;
  pull(number: number): Reference;
  commit(sha: string): string | null;
  compare(from: string, to: string): string | null;
  tag(tag: string): string | null;
}

/** Hosts that everybody knows: an address there may be linked, whoever wrote it. */
const PUBLIC = ['https://github.com', 'https://gitlab.com', 'https://codeberg.org', 'https://bitbucket.org'];

/** Makes the addresses for one repository; without an address every link is null and mentions stay plain text. */
export function makeLinks(repositoryUrl: string | null, settings: LinkSettings = { form: 'auto' }): Links {
  const base = repositoryUrl === null || settings.form === 'none' ? null : webAddress(repositoryUrl);
  const form = base === null ? null : (LINK_FORMS[settings.form] ?? formOf(base));
  const origin = base === null ? null : (/^https?:\/\/[^/]+/.exec(base)?.[0] ?? null);
  const own = base === null || origin === null ? null : base.slice(origin.length + 1);
  const isOwn = (reference: Reference) =>
    reference.project === null ||
    (reference.project === own && (reference.origin === null || reference.origin === origin));
  const fill = (
    kind: keyof NonNullable<LinkSettings['own']>,
    values: Record<string, string>,
  ): string | null => {
    if (settings.form === 'none') return null;
    const template = settings.own?.[kind];
    return (
      template?.replace(/\{(\w+)\}/g, (whole, name: string) => encodeQuery(values[name] ?? whole)) ?? null
    );
  };
  const by = (make: (form: LinkForm, base: string) => string | null) =>
    form === null || base === null ? null : make(form, base);
  return {
    pull: (number) => ({ kind: 'pull', project: null, origin: null, number }),
    label: (reference) => {
      const mark = reference.kind === 'pull' ? (form?.pullMark ?? '#') : '#';
      return `${isOwn(reference) ? '' : reference.project}${mark}${reference.number}`;
    },
    issue: (reference) => {
      const { kind, number } = reference;
      if (isOwn(reference)) {
        const filled = fill(kind, { number: String(number) });
        return (
          filled ?? by((known, at) => (kind === 'pull' ? known.pull(at, number) : known.issue(at, number)))
        );
      }
      // An address on a host that nobody vouches for stays text: a commit must not plant links.
      const host = reference.origin ?? origin;
      if (host === null || (host !== origin && !PUBLIC.includes(host))) return null;
      const there = host === origin ? form : formOf(`${host}/${reference.project}`);
      const project = `${host}/${reference.project}`;
      if (there === null || there === undefined) return null;
      return kind === 'pull' ? there.pull(project, number) : there.issue(project, number);
    },
    commit: (sha) => fill('commit', { sha }) ?? by((known, at) => known.commit(at, sha)),
    compare: (from, to) => fill('compare', { from, to }) ?? by((known, at) => known.compare(at, from, to)),
    tag: (tag) => fill('tag', { tag }) ?? by((known, at) => known.tag(at, tag)),
  };
}
