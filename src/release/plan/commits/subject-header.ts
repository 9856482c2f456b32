/** The first line of a commit, split by the conventions and by the slips that people make with them. */
import { meaningOfEmoji, meaningOfType, type TypeMeaning } from './commit-types.ts';

// `type(scope)!: text`, and the slips that people make: `type!(scope): text`, `type (scope) : text`, a wide colon.
const HEADER =
  /^([A-Za-z][\w-]{0,40})(!)?[ \t]?(?:\(([^()\r\n]{0,200})\))?(!)?[ \t]{0,2}(?::|：)(?!\/\/)[ \t]*(.*)$/;
// A forgotten colon is only believed after a scope or a mark: `chore(deps) update x`, `feat! rewrite`, but not
// `fix the build`.
const HEADER_WITHOUT_COLON = /^([A-Za-z][\w-]{0,40})(?:(!)?\(([^()\r\n]{1,200})\)|(?=!))(!)?[ \t]+(.+)$/;
const BRACKETED = /^\[([A-Za-z][\w -]{0,40})\](!)?(?:[ \t]*:?[ \t]+|(?=\[))(.+)$/;
/** The ticket that many teams must begin with: `SHOP-12: feat: …`, `[SHOP-12] fix …`, `(SHOP-12) feat(cart): …`. */
const TICKET = /^[[(]?([A-Z][A-Z0-9]{1,15}-\d{1,10})[\])]?[ \t]*[:|-]?[ \t]*(?=\S)/;
const BREAKING_HEADER = /^BREAKING[ -]CHANGES?(?:\(([^()\r\n]{0,200})\))?[ \t]*:[ \t]*(.*)$/i;
const LEADING_EMOJI =
  /^((?:\p{Extended_Pictographic}(?:[\u{1f3fb}-\u{1f3ff}\ufe0e\ufe0f]|\u200d\p{Extended_Pictographic})*)|:[a-z0-9_]{2,40}:)[ \t]*/u;

/** A first line taken apart by the conventions. */
export interface Header {
  meaning: TypeMeaning | null;
  scope: string | null;
  bang: boolean;
  text: string;
  /** For a header that is itself the footer "BREAKING CHANGE: …". */
  note: string | null;
}

/** Cheap to ask, unlike the expression with Unicode's tables. */
function mayBeginWithEmoji(line: string): boolean {
  return line.startsWith(':') || line.charCodeAt(0) > 0x7f;
}

/** Splits a first line by the conventions, or gives null when it follows none. A ticket before it moves to its end. */
export function splitHeader(line: string): Header | null {
  const ticket = TICKET.exec(line);
  if (ticket === null) return splitPlainHeader(line);
  const header = splitPlainHeader(line.slice(ticket[0].length));
  return header === null ? null : { ...header, text: `${header.text} (${ticket[1]})`.trimStart() };
}

function splitPlainHeader(line: string): Header | null {
  const emoji = mayBeginWithEmoji(line) ? LEADING_EMOJI.exec(line) : null;
  const rest = emoji === null ? line : line.slice(emoji[0].length);
  const strict = HEADER.exec(rest);
  const header = strict ?? HEADER_WITHOUT_COLON.exec(rest);
  const bang = header?.[2] !== undefined || header?.[4] !== undefined;
  if (header !== null) {
    const meaning = meaningOfType(header[1] ?? '');
    if (meaning !== null) {
      const written = header[5] ?? '';
      const text = mayBeginWithEmoji(written) ? written.replace(LEADING_EMOJI, '') : written;
      return { meaning, scope: header[3]?.trim() || null, bang, text, note: null };
    }
  }
  const breaking = BREAKING_HEADER.exec(rest);
  if (breaking !== null) {
    const text = breaking[2] ?? '';
    return {
      meaning: meaningOfType('breaking'),
      scope: breaking[1]?.trim() || null,
      bang: true,
      text,
      note: text,
    };
  }
  const bracketed = BRACKETED.exec(rest);
  if (bracketed !== null) {
    const meaning = meaningOfType(bracketed[1] ?? '');
    if (meaning !== null) {
      return { meaning, scope: null, bang: bracketed[2] !== undefined, text: bracketed[3] ?? '', note: null };
    }
  }
  const byEmoji = emoji === null ? null : meaningOfEmoji(emoji[1] ?? '');
  if (byEmoji !== null) return { meaning: byEmoji, scope: null, bang: false, text: rest, note: null };
  // An unknown type with `!:` is still a promise that something breaks.
  if (strict !== null && bang) {
    return { meaning: null, scope: strict[3]?.trim() || null, bang, text: strict[5] ?? '', note: null };
  }
  return null;
}
