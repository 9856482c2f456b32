import { checkMessage, checkSignature, gitDate, type Signature } from './create-commit.ts';
import { askMirror, type Mirror } from './mirror/mirror.ts';
import { assertSha, assertTag } from './names.ts';

/**
 * Makes an annotated tag's object in the mirror and returns its id; no ref points at it, to publish it push the id to
 * `refs/tags/…`. A function of its input, so that a repeated release finds its own tag and no other.
 * @throws {GitNameRefused}
 */
export async function createTagObject(
  mirror: Mirror,
  tag: { tag: string; sha: string; message: string; tagger: Signature; date: string },
): Promise<string> {
  const { name, email } = checkSignature(tag.tagger);
  const object = [
    `object ${assertSha(tag.sha)}`,
    'type commit',
    `tag ${assertTag(tag.tag)}`,
    `tagger ${name} <${email}> ${gitDate(tag.date)}`,
    '',
    checkMessage(tag.message),
  ].join('\n');
  return (await askMirror(mirror, ['mktag', '--strict'], { input: object })).stdout.toString().trim();
}
