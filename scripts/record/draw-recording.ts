import type { Piece, Screen } from './show-screens.ts';

const CELL = { width: 8.4, height: 19 };
const MARGIN = { side: 16, top: 40, bottom: 16 };
/** Readable on GitHub's light and dark pages alike: the window brings its own background and a border. */
const INK = '#e6edf3';
const PAPER = '#0d1117';
const COLOURS = [
  ...['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4'],
  ...['#6e7681', '#ffa198', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#ffffff'],
];
/** How long the last screen stands before it begins again. */
const LAST_SECONDS = 4;

/**
 * An SVG that shows one screen after the other, for ever; where people want no motion, the last one. Lines that occur in
 * several screens are written once.
 */
export function drawRecording(
  screens: readonly Screen[],
  { columns, rows, title }: { columns: number; rows: number; title: string },
): string {
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN.side);
  const height = rows * CELL.height + MARGIN.top + MARGIN.bottom;
  const total = (screens.at(-1)?.seconds ?? 0) + LAST_SECONDS;
  const lines = new Map<string, string>();
  const frames = screens.map(({ lines: shown }) =>
    shown.flatMap((pieces, row) => {
      if (pieces.length === 0) return [];
      const drawn = drawLine(pieces);
      const name = lines.get(drawn) ?? `l${lines.size}`;
      lines.set(drawn, name);
      return [`<use href="#${name}" y="${row * CELL.height}"/>`];
    }),
  );
  const percent = (seconds: number) => `${((seconds / total) * 100).toFixed(2)}%`;
  // Screens lie beside each other, and the strip jumps from one to the next.
  const stops = screens.map(
    ({ seconds }, at) => `${percent(at === 0 ? 0 : seconds)}{transform:translateX(${-at * width}px)}`,
  );
  const last = -(screens.length - 1) * width;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(title)}">
<title>${escapeText(title)}</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${INK};white-space:pre}
.b{font-weight:bold}.d{opacity:.7}
${COLOURS.map((colour, at) => `.c${at}{fill:${colour}}`).join('')}
@keyframes play{${stops.join('')}100%{transform:translateX(${last}px)}}
.strip{animation:play ${total.toFixed(2)}s steps(1,end) infinite}
@media (prefers-reduced-motion:reduce){.strip{animation:none;transform:translateX(${last}px)}}
</style>
<defs>
${[...lines].map(([drawn, name]) => `<text id="${name}" xml:space="preserve">${drawn}</text>`).join('\n')}
<clipPath id="window"><rect width="${width}" height="${height}"/></clipPath>
</defs>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="${PAPER}" stroke="#8b949e"/>
${['#ff7b72', '#d29922', '#3fb950'].map((fill, at) => `<circle cx="${20 + at * 18}" cy="18" r="5" fill="${fill}"/>`).join('')}
<g clip-path="url(#window)"><g class="strip">
${frames.map((uses, at) => `<g transform="translate(${at * width + MARGIN.side} ${MARGIN.top + 14})">${uses.join('')}</g>`).join('\n')}
</g></g>
</svg>
`;
}

function drawLine(pieces: readonly Piece[]): string {
  let column = 0;
  return pieces
    .map(({ text, colour, bold, dim }) => {
      const look = [bold ? 'b' : '', dim ? 'd' : '', colour === null ? '' : `c${colour}`].filter(Boolean);
      const at = column * CELL.width;
      column += [...text].length;
      // The length holds every piece to its columns, whatever font there is.
      const length = text.trim() === '' ? '' : ` textLength="${([...text].length * CELL.width).toFixed(1)}"`;
      const style = look.length === 0 ? '' : ` class="${look.join(' ')}"`;
      return `<tspan x="${at.toFixed(1)}"${length}${style}>${escapeText(text)}</tspan>`;
    })
    .join('');
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
