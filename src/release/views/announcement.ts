import type { ReleaseRecord } from '../record/record.ts';
import { cutText, markdownText, oneLine } from './markdown.ts';
import { findProduction } from './words.ts';

/** Changes listed in a message or a task; the release notes have them all. */
const LISTED = 40;

/** A message in plain text: the channels quote it for themselves. */
export interface Message {
  subject: string;
  lines: string[];
}

/** Something that a person has to do with the release's material, as an issue in Markdown. */
export interface Task {
  title: string;
  body: string;
  labels: string[];
}

/** The mail to customers: what is new for them, and what they have to change. No internals, no names of colleagues. */
export function renderCustomerMessage(record: ReleaseRecord): Message {
  const production = findProduction(record);
  return {
    subject: `${record.title} is available`,
    lines: [
      `${record.title} is available.`,
      ...listChanges('New', newFeatures(record), (text) => oneLine(text, 300)),
      ...listChanges('Please check before you use it', breakingChanges(record), (text) => oneLine(text, 300)),
      '',
      ...(production?.url ? [`Where: ${oneLine(production.url, 300)}`] : []),
      ...linkToNotes(record),
    ],
  };
}

/** The notice that ends an incident: what was wrong, which version mends it, since when, and that it is watched. */
export function renderResolution(record: ReleaseRecord): Message {
  const production = findProduction(record);
  const mended = record.plan?.included ?? [];
  return {
    subject: `Resolved: ${record.title} is live`,
    lines: [
      `The incident is resolved: ${record.title} is live${record.plan?.previousVersion ? `, after ${record.plan.previousVersion}` : ''}.`,
      ...listChanges(
        'Mended',
        mended.map((change) => change.subject),
        (text) => oneLine(withoutType(text), 300),
      ),
      '',
      ...(production?.deployedAt ? [`Live since: ${production.deployedAt}`] : []),
      ...(record.monitoring
        ? [
            `Watched: ${record.monitoring.status.replaceAll('_', ' ')}, ${oneLine(record.monitoring.reason, 300)}`,
          ]
        : []),
      ...linkToNotes(record),
    ],
  };
}

/** A blog post to be finished by somebody who writes; the release notes follow it as material. */
export function renderBlogTask(record: ReleaseRecord): Task {
  const title = markdownText(record.title, 120);
  return {
    title: `Blog post: ${oneLine(record.title, 120)}`,
    labels: ['blog'],
    body: [
      'A draft to start from. The release is out; nothing waits for this.',
      '',
      `# Announcing ${title}`,
      '',
      markdownText(record.plan?.highlights ?? '', 500),
      ...listChanges('## What is new', newFeatures(record), (text) => markdownText(text, 300)),
      ...listChanges('## What changes for you', breakingChanges(record), (text) => markdownText(text, 300)),
      '',
      '## The release notes, as material',
    ].join('\n'),
  };
}

/** What the documentation has to follow up on: a list to tick off. */
export function renderDocumentationTask(record: ReleaseRecord): Task {
  const tick = (text: string) => `[ ] ${markdownText(text, 300)}`;
  return {
    title: `Update the documentation for ${oneLine(record.title, 120)}`,
    labels: ['documentation'],
    body: [
      `${markdownText(record.title, 120)} is out. What its documentation may have to say:`,
      ...listChanges('Changes that break', breakingChanges(record), tick),
      ...listChanges('New features', newFeatures(record), tick),
      '',
      '## The release notes, as material',
    ].join('\n'),
  };
}

function newFeatures(record: ReleaseRecord): string[] {
  return (record.plan?.included ?? [])
    .filter((change) => change.type === 'feat')
    .map((change) => withoutType(change.subject));
}

function breakingChanges(record: ReleaseRecord): string[] {
  return (record.plan?.reasons ?? [])
    .filter((reason) => reason.bump === 'major')
    .map((reason) => withoutType(reason.subject));
}

/** `feat(cart)!: gift cards` as readers know it: `gift cards`. */
function withoutType(subject: string): string {
  return subject.replace(/^[a-z]{2,20}(?:\([^)]{1,100}\))?!?:\s+/i, '');
}

function listChanges(heading: string, changes: string[], write: (text: string) => string): string[] {
  if (changes.length === 0) return [];
  const more = changes.length - LISTED;
  return [
    '',
    heading.startsWith('#') ? heading : `${heading}:`,
    '',
    ...changes.slice(0, LISTED).map((change) => `- ${write(change)}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ];
}

function linkToNotes(record: ReleaseRecord): string[] {
  const page = record.links.find((link) => link.name === 'release notes')?.url;
  return page === undefined ? [] : [`Release notes: ${cutText(page, 300)}`];
}
