import xterm from '@xterm/headless';
import type { Moment } from './record-session.ts';

/** What a terminal showed from one moment on: its lines, each in pieces of one look. */
export interface Screen {
  seconds: number;
  lines: Piece[][];
}

export interface Piece {
  text: string;
  /** ANSI colour, 0 to 15, or null for the terminal's own. */
  colour: number | null;
  bold: boolean;
  dim: boolean;
}

/** Changes that come within this time are one to whoever looks. */
const FRAME_SECONDS = 0.04;
/** What was made for this recording alone opens nothing; all the same no token is shown to copy. */
const TOKEN = /(?<![\w-])[\w-]{40,}(?![\w-])/g;

/** Plays moments into a terminal, and gives each different screen. */
export async function showScreens(
  moments: readonly Moment[],
  size: { columns: number; rows: number },
): Promise<Screen[]> {
  const terminal = new xterm.Terminal({ cols: size.columns, rows: size.rows, allowProposedApi: true });
  const screens: Screen[] = [];
  for (const [at, { seconds, text }] of moments.entries()) {
    await new Promise<void>((resolve) => terminal.write(text, resolve));
    const next = moments[at + 1];
    if (next !== undefined && next.seconds - seconds < FRAME_SECONDS) continue;
    const lines = readLines(terminal, size.rows);
    screens.push({ seconds, lines });
  }
  terminal.dispose();
  return screens.filter(
    ({ lines }, at) =>
      at === 0 ||
      at === screens.length - 1 ||
      JSON.stringify(lines) !== JSON.stringify(screens[at - 1]?.lines),
  );
}

function readLines({ buffer }: xterm.Terminal, rows: number): Piece[][] {
  const { active } = buffer;
  return Array.from({ length: rows }, (_, row) => {
    const line = active.getLine(active.viewportY + row);
    const pieces: Piece[] = [];
    for (let column = 0; line !== undefined && column < line.length; column++) {
      const cell = line.getCell(column);
      if (cell === undefined || cell.getWidth() === 0) continue;
      const look = {
        colour: cell.isFgPalette() && cell.getFgColor() < 16 ? cell.getFgColor() : null,
        bold: cell.isBold() !== 0,
        dim: cell.isDim() !== 0,
      };
      const last = pieces.at(-1);
      const text = cell.getChars() || ' ';
      if (last && last.colour === look.colour && last.bold === look.bold && last.dim === look.dim)
        last.text += text;
      else pieces.push({ text, ...look });
    }
    const end = pieces.at(-1);
    if (end !== undefined) end.text = end.text.trimEnd();
    return pieces
      .filter(({ text }) => text !== '')
      .map((piece) => ({ ...piece, text: piece.text.replace(TOKEN, (token) => '•'.repeat(token.length)) }));
  });
}
