/** HTML that is safe by default: whatever a template is given is escaped, unless it came from a template. */

const SAFE: unique symbol = Symbol('safe html');

export interface Html {
  readonly [SAFE]: string;
}

export type Inner = Html | string | number | undefined | false | readonly Inner[];

/** A template whose values are escaped, in text and in quoted attributes alike. `undefined` and `false` are nothing. */
export function html(texts: TemplateStringsArray, ...values: Inner[]): Html {
  let whole = texts[0] ?? '';
  values.forEach((value, index) => {
    whole += toText(value) + (texts[index + 1] ?? '');
  });
  return { [SAFE]: whole };
}

/** Marks text that our own code made as HTML. Never for text from outside. */
export function trust(text: string): Html {
  return { [SAFE]: text };
}

/** The finished text of a template. */
export function render(page: Html): string {
  return page[SAFE];
}

function toText(value: Inner): string {
  if (value === undefined || value === false) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return SAFE in value ? value[SAFE] : value.map(toText).join('');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Text as HTML; control characters and marks that change the direction of text are shown as what they are. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"'`]/g, (char) => ENTITIES[char] ?? char)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
