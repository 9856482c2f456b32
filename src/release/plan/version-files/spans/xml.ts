/** An element of an XML text with the place of its content. */
export interface XmlElement {
  /** Names from the top, such as `project/parent/version`. */
  path: string;
  from: number;
  to: number;
  /** The content without the space around it. */
  text: string;
  /** Number of the parent element, so that siblings are told from strangers of the same path. */
  parent: number;
}

/** Elements in the order in which they close; comments, CDATA and declarations are stepped over. */
export function readXml(text: string): XmlElement[] {
  const open: { name: string; from: number; number: number }[] = [];
  const elements: XmlElement[] = [];
  let count = 0;
  for (const tag of text.matchAll(
    /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<(\/?)([\w:.-]+)[^>]*?(\/?)>/g,
  )) {
    const [whole, closing, name, selfClosing] = tag;
    if (name === undefined || selfClosing === '/') continue;
    if (closing === '/') {
      const path = open.map((element) => element.name).join('/');
      const element = open.pop();
      if (element === undefined) continue;
      const content = text.slice(element.from, tag.index);
      const lead = content.length - content.trimStart().length;
      const from = element.from + lead;
      const inner = content.trim();
      elements.push({ path, from, to: from + inner.length, text: inner, parent: open.at(-1)?.number ?? -1 });
    } else {
      open.push({ name, from: tag.index + whole.length, number: count });
      count += 1;
    }
  }
  return elements;
}
