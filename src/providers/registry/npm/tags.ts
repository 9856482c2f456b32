import { checkDistTag, escapePackageName, type NpmConnection, requestNpm } from './connection.ts';
import { NpmFailure } from './failure.ts';
import { readDocument } from './read.ts';

/**
 * Points a dist-tag at a version; writing the same again changes nothing.
 * @throws NpmFailure
 */
export async function setDistTag(
  options: NpmConnection & { name: string; version: string; tag: string },
): Promise<void> {
  await requestNpm(options, tagPath(options.name, options.tag), {
    doing: `set the dist-tag ${options.tag} of ${options.name} to ${options.version}`,
    method: 'PUT',
    body: options.version,
  });
}

/**
 * Removes a dist-tag; one that is gone already counts as removed. npm forbids removing `latest`.
 * @throws NpmFailure
 */
export async function removeDistTag(options: NpmConnection & { name: string; tag: string }): Promise<void> {
  const doing = `remove the dist-tag ${options.tag} of ${options.name}`;
  if (options.tag === 'latest') {
    throw new NpmFailure({
      happened: `Could not ${doing}: every package has a \`latest\`.`,
      outcome: 'unchanged',
      retryable: false,
      advice: 'Move it to another version instead.',
    });
  }
  try {
    await requestNpm(options, tagPath(options.name, options.tag), { doing, method: 'DELETE' });
  } catch (error) {
    if (error instanceof NpmFailure && error.status === 404) return;
    throw error;
  }
}

/**
 * Marks a version as deprecated, so that installing it prints `message`; an empty message takes the mark away.
 * Writes the package's document back with the revision that was read: a change in between is a 409, not lost.
 * @throws NpmFailure
 */
export async function deprecate(
  options: NpmConnection & { name: string; version: string; message: string },
): Promise<void> {
  const doing = `deprecate ${options.name}@${options.version}`;
  const document = await readDocument(options, options.name);
  const versions = (document?.['versions'] ?? {}) as Record<string, Record<string, unknown>>;
  const entry = versions[options.version];
  if (!document || !entry) {
    throw new NpmFailure({
      happened: `Could not ${doing}: it is not at ${new URL(options.registry).host}.`,
      outcome: 'unchanged',
      retryable: false,
      advice: 'Nothing needs to be deprecated there.',
      status: 404,
    });
  }
  if ((entry['deprecated'] ?? '') === options.message) return;
  entry['deprecated'] = options.message;
  await requestNpm(options, escapePackageName(options.name), { doing, method: 'PUT', body: document });
}

function tagPath(name: string, tag: string): string {
  return `-/package/${escapePackageName(name)}/dist-tags/${encodeURIComponent(checkDistTag(tag))}`;
}
