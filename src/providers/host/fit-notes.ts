/**
 * Notes of any length, with what stands below them, in at most `limit` characters (UTF-16 units): what does not fit is
 * cut at the end of a line, and `whole` (Markdown) says where all of it is. `foot` is never cut.
 */
export function fitNotes(text: { notes: string; whole: string; foot: string; limit: number }): string {
  const notes = text.notes.trimEnd();
  const join = (...parts: string[]) => parts.filter((part) => part !== '').join('\n\n');
  const all = join(notes, text.foot);
  if (all.length <= text.limit) return all;
  const pointer = `… and more: the notes are longer than a page here may be. ${text.whole}`;
  const room = text.limit - join('x', pointer, text.foot).length + 1;
  const start = notes.slice(0, room);
  const end = start.lastIndexOf('\n');
  const kept = end > 0 ? start.slice(0, end) : start.replace(/[\ud800-\udbff]$/, '');
  return join(closeFence(kept.trimEnd()), pointer, text.foot);
}

/** A code block that is cut in two would swallow everything below it. */
function closeFence(markdown: string): string {
  let open = '';
  let kept = markdown;
  let startOfOpen = 0;
  let at = 0;
  for (const line of markdown.split('\n')) {
    const fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== undefined && open === '') [open, startOfOpen] = [fence, at];
    else if (fence?.startsWith(open) && open !== '') open = '';
    at += line.length + 1;
  }
  if (open !== '') kept = markdown.slice(0, startOfOpen).trimEnd();
  return kept;
}
