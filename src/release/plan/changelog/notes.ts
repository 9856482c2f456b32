/** Release notes by the mission's template, for people who use the product. Empty sections are left out. */

import type { Contributor } from '../commits/contributors.ts';
import type { Links } from '../links/links.ts';
import { withoutControls } from '../printable.ts';
import {
  breakingLines,
  type ChangelogOptions,
  dependencyLines,
  itemLine,
  type ReleaseSection,
} from './changelog.ts';
import { escapeMarkdown, renderInline } from './markdown.ts';
import type { Item } from './sections.ts';

export interface NotesInput extends ReleaseSection {
  /** What the product is called. */
  title: string;
  contributors: Contributor[];
}

/** The notes as Markdown, ending in a line feed. */
export function renderNotes(
  input: NotesInput,
  options: Pick<ChangelogOptions, 'includePullRequests'>,
  links: Links,
): string {
  const { groups, breaking, dependencies } = input.sections;
  const style: ChangelogOptions = {
    format: 'keep-a-changelog',
    breakingSection: true,
    authors: true,
    ...options,
  };
  const line = (item: Item) => `- ${itemLine(item, style, links)}`;
  const blocks = [`# ${renderInline(input.title, links)} v${input.version}`, `Released: ${input.date}`];
  const block = (title: string, lines: string[]) => {
    if (lines.length > 0) blocks.push(`## ${title}\n\n${lines.join('\n')}`);
  };
  block('Highlights', [highlights(input, links)]);
  block(
    'New Features',
    groups.added.map((item) => `- ${featureLine(item, style, links)}`),
  );
  block(
    'Improvements',
    [...groups.performance, ...groups.changed, ...groups.deprecated, ...groups.removed].map(line),
  );
  block(
    'Bug Fixes',
    [...groups.security, ...groups.fixed].map((item) => `- ${fixLine(item, style, links)}`),
  );
  block(
    'Breaking Changes',
    breaking.flatMap((item) => breakingLines(item, '-', style, links)),
  );
  block('Dependencies', dependencyLines(dependencies, '-'));
  block('Other Changes', [...groups.reverted, ...groups.other].map(line));
  block('Contributors', contributorLines(input.contributors));
  return `${blocks.join('\n\n')}\n`;
}

/** The template's "**[Feature Name]**: [Brief description]": the scope is the feature's name, where there is one. */
function featureLine(item: Item, style: ChangelogOptions, links: Links): string {
  if (item.scope !== null) return itemLine(item, style, links).replace(/:\*\* /, '**: ');
  return itemLine(item, style, links);
}

/** The template's "Fixed [bug description]", unless the author's own words already begin so. */
function fixLine(item: Item, style: ChangelogOptions, links: Links): string {
  const line = itemLine(item, style, links);
  if (item.scope !== null || item.type !== 'fix' || /^(?:fix|resolve|repair|correct)/i.test(item.text))
    return line;
  return `Fixed: ${line}`;
}

/** One or two sentences that say what matters most. */
function highlights(input: NotesInput, links: Links): string {
  const { groups, breaking, dependencies } = input.sections;
  const counts = [
    count(groups.added.length, 'new feature', 'new features'),
    count(groups.performance.length + groups.changed.length, 'improvement', 'improvements'),
    count(groups.fixed.length + groups.security.length, 'bug fix', 'bug fixes'),
    count(dependencies.length, 'updated dependency', 'updated dependencies'),
  ].filter((part) => part !== '');
  const first = breaking[0] ?? groups.added[0] ?? groups.security[0] ?? groups.fixed[0] ?? groups.other[0];
  const what =
    counts.length === 0 ? 'A maintenance release.' : `This release brings ${sentenceList(counts)}.`;
  const warning =
    breaking.length === 0
      ? ''
      : ` Read "Breaking Changes" before you upgrade: it needs your attention in ${count(breaking.length, 'place', 'places')}.`;
  if (warning !== '' || first === undefined) return what + warning;
  const scope = first.scope === null ? '' : `${renderInline(first.scope, links)}: `;
  return `${what} Most notable: ${scope}${renderInline(first.text, links).replace(/\.$/, '')}.`;
}

function contributorLines(contributors: readonly Contributor[]): string[] {
  if (contributors.length === 0) return [];
  const names = contributors.map((one) => {
    const name = escapeMarkdown(withoutControls(one.name).replace(/\s+/g, ' ')).replaceAll('@', '(at)');
    return `- ${name}${one.firstTime === true ? ' (first contribution)' : ''}`;
  });
  return ['Thanks to everyone who contributed to this release!', '', ...names];
}

function count(number: number, one: string, many: string): string {
  return number === 0 ? '' : `${number} ${number === 1 ? one : many}`;
}

function sentenceList(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
