/**
 * One release as a section of a changelog, in the format of Keep a Changelog 1.1.0 or of conventional-changelog.
 * Line ends are line feeds; `changelog-file.ts` adapts them to the file.
 */
import type { ChangelogFormat } from '../../names.ts';
import type { DependencyUpdate } from '../commits/dependency-updates.ts';
import type { Links } from '../links/links.ts';
import { renderBlock, renderInline, renderName } from './markdown.ts';
import type { Item, Sections } from './sections.ts';

export type { ChangelogFormat } from '../../names.ts';

/** What a section of the changelog needs to know of its release. */
export interface ReleaseSection {
  version: string;
  tag: string;
  previousTag: string | null;
  /** `YYYY-MM-DD` */
  date: string;
  sections: Sections;
}

export interface ChangelogOptions {
  format: ChangelogFormat;
  includePullRequests: boolean;
  /** Whether a pull request stands with its author, where that was looked up. */
  authors?: boolean;
  /** Whether what breaks gets a section of its own; otherwise its line is marked. */
  breakingSection: boolean;
}

type GroupName = keyof Sections['groups'];

const KEEP_A_CHANGELOG: readonly (readonly [string, readonly GroupName[]])[] = [
  ['Added', ['added']],
  ['Changed', ['changed', 'performance', 'reverted']],
  ['Deprecated', ['deprecated']],
  ['Removed', ['removed']],
  ['Fixed', ['fixed']],
  ['Security', ['security']],
  ['Other changes', ['other']],
];

const CONVENTIONAL: readonly (readonly [string, readonly GroupName[]])[] = [
  ['Features', ['added']],
  ['Bug Fixes', ['fixed']],
  ['Performance Improvements', ['performance']],
  ['Security', ['security']],
  ['Changes', ['changed']],
  ['Deprecations', ['deprecated']],
  ['Removals', ['removed']],
  ['Reverts', ['reverted']],
  ['Other Changes', ['other']],
];

/** The section of one release, ending in a line feed. */
export function renderChangelogSection(
  release: ReleaseSection,
  options: ChangelogOptions,
  links: Links,
): string {
  const keep = options.format === 'keep-a-changelog';
  const bullet = keep ? '-' : '*';
  const { breaking, groups, dependencies } = release.sections;
  const title = heading(release, keep, links);
  let blocks = '';
  const block = (name: string, lines: readonly string[]) => {
    if (lines.length > 0) blocks += `\n### ${name}\n\n${lines.join('\n')}\n`;
  };
  if (options.breakingSection && breaking.length > 0) {
    block(
      keep ? 'Breaking changes' : '⚠ BREAKING CHANGES',
      breaking.flatMap((item) => breakingLines(item, bullet, options, links)),
    );
  }
  for (const [name, members] of keep ? KEEP_A_CHANGELOG : CONVENTIONAL) {
    const updated = keep && name === 'Changed' && dependencies.length > 0;
    if (!updated && members.every((member) => groups[member].length === 0)) continue;
    const lines = members.flatMap((member) =>
      groups[member].map((item) => `${bullet} ${itemLine(item, options, links)}`),
    );
    block(name, updated ? [...lines, ...dependencyLines(dependencies, bullet)] : lines);
  }
  if (!keep && dependencies.length > 0) block('Dependencies', dependencyLines(dependencies, bullet));
  return `${title}\n${blocks === '' ? '\nNo changes that users notice.\n' : blocks}`;
}

/** The link that Keep a Changelog puts at the foot of the file, or null without a web address. */
export function compareLink(release: ReleaseSection, links: Links): string | null {
  return release.previousTag === null
    ? links.tag(release.tag)
    : links.compare(release.previousTag, release.tag);
}

/** "Updated X from A to B", one line per dependency. */
export function dependencyLines(updates: readonly DependencyUpdate[], bullet: string): string[] {
  return updates.map((update) => `${bullet} ${dependencyLine(update)}`);
}

function dependencyLine(update: DependencyUpdate): string {
  const from = update.from === null ? '' : ` from ${renderVersion(update.from)}`;
  return `Updated ${renderName(update.name)}${from} to ${renderVersion(update.to)}`;
}

function renderVersion(version: string): string {
  return /^[\w.+-]+$/.test(version) ? version.replace(/^_|_$/g, '') : `\`${version.replaceAll('`', '')}\``;
}

/** The words of one change with its references, without a bullet. */
export function itemLine(item: Item, options: ChangelogOptions, links: Links): string {
  let line = renderInline(item.text, links);
  if (item.scope !== null) line = `**${renderInline(item.scope, links)}:** ${line}`;
  if (item.breaking && !options.breakingSection) line = `**Breaking:** ${line}`;
  if (item.type === 'revert') line = `Reverted: ${line.replace(/^Revert\s+/i, '')}`;
  if (options.includePullRequests && item.pullRequest !== null) {
    const by = options.authors === true && item.by !== undefined ? ` by @${item.by}` : '';
    line += ` (${referenceLink(links.pull(item.pullRequest), links)}${by})`;
  }
  if (options.format === 'conventional-commits' && item.sha !== '') {
    const address = links.commit(item.sha);
    const short = item.sha.slice(0, 7);
    line += address === null ? ` (${short})` : ` ([${short}](${address}))`;
  }
  const mentioned = item.closes.filter((issue) => !item.text.includes(`#${issue.number}`));
  if (mentioned.length === 0) return line;
  return `${line}, closes ${mentioned.map((issue) => referenceLink(issue, links)).join(' ')}`;
}

/** What breaks, in its author's words for users: the footer where there is one, else the change itself. */
export function breakingLines(item: Item, bullet: string, options: ChangelogOptions, links: Links): string[] {
  const scope = item.scope === null ? '' : `**${renderInline(item.scope, links)}:** `;
  const notes = item.breakingNotes.filter((note) => note !== '');
  if (notes.length === 0)
    return [`${bullet} ${itemLine(item, { ...options, breakingSection: true }, links)}`];
  return notes.map((note) => `${bullet} ${scope}${renderBlock(note, links, '  ')}`);
}

function referenceLink(reference: Parameters<Links['issue']>[0], links: Links): string {
  const address = links.issue(reference);
  const label = links.label(reference);
  return address === null ? label : `[${label}](${address})`;
}

function heading(release: ReleaseSection, keep: boolean, links: Links): string {
  if (keep) return `## [${release.version}] - ${release.date}`;
  const address = compareLink(release, links);
  const version = address === null ? release.version : `[${release.version}](${address})`;
  return `## ${version} (${release.date})`;
}
