import { type Html, html } from './html.ts';

const WIDTH = 240;
const HEIGHT = 48;
const EDGE = 3;

/**
 * A series as a line, SVG without styles of its own. For those who do not see it, first, last, lowest and highest
 * value are in words. `undefined` while there are fewer than two points.
 */
export function renderChart(name: string, points: readonly number[]): Html | undefined {
  const finite = points.filter(Number.isFinite);
  if (finite.length < 2) return undefined;
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const span = high - low || 1;
  const line = finite
    .map((value, index) => {
      const x = EDGE + (index / (finite.length - 1)) * (WIDTH - 2 * EDGE);
      const y = HEIGHT - EDGE - ((value - low) / span) * (HEIGHT - 2 * EDGE);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
  const label = `${name}: ${finite.length} values, first ${finite[0] ?? ''}, last ${finite.at(-1) ?? ''}, lowest ${low}, highest ${high}`;
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}"><polyline points="${line}" fill="none" stroke="currentColor" stroke-width="2"/></svg>`;
}
