/** Text from outside as plain text inside Markdown: no markup, no HTML, no links, no control characters. */
export function markdownText(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .replace(/[\\`*_{}[\]<>()#+!|~@]/g, (mark) => `\\${mark}`);
}
