// Average audience over time as SVG: one panel a series, all on one scale, steps as long as what they are the average of (R14).

import { nice, ticks } from 'd3-array';
import { area, line } from 'd3-shape';
import type { Zone } from '../../sg/zone-time.ts';
import type { Cell, LineChart, LinePanel } from './chart-choice.ts';
import { type Html, html } from './html.ts';
import { instantText, numberText } from './page-numbers.ts';
import { timeTicks } from './time-ticks.ts';

/** Height of one panel alone, and of one among several, px; a line of text above and below. */
const HEIGHTS = { single: 260, several: 120 };
const TOP = 18;
const BOTTOM = 22;
/** The plot's own units, stretched to whatever width there is. */
const UNITS = 1_000;
/** With more steps than this, lines of the others behind a panel's own are a blur. */
const BEHIND = 400;

interface Point {
  x: number;
  value: number | undefined;
}

/** The panels; where several are drawn, a grey line behind each shows the others. */
export function lineChart({ panels, from, to }: LineChart, zone: Zone): Html[] {
  const isSingle = panels.length === 1;
  const most = Math.max(0, ...panels.flatMap(({ cells }) => cells.map(({ value = 0 }) => value)));
  const [, top] = nice(0, Math.max(most, 1), isSingle ? 5 : 3);
  const scale = { from, to, top, height: isSingle ? HEIGHTS.single : HEIGHTS.several };
  const isBehind = !isSingle && panels.every(({ cells }) => cells.length <= BEHIND);
  return panels.map((panel, place) => {
    const others = isBehind ? panels.map((_, other) => other).filter((other) => other !== place) : [];
    return panelSvg(panel, place, others, scale, zone, isSingle);
  });
}

interface Scale {
  from: number;
  to: number;
  top: number;
  height: number;
}

function panelSvg(
  panel: LinePanel,
  place: number,
  others: readonly number[],
  scale: Scale,
  zone: Zone,
  isSingle: boolean,
): Html {
  const { from, to, top, height } = scale;
  const x = (at: number): string => `${((100 * (at - from)) / (to - from)).toFixed(2)}%`;
  const y = (value: number): string => (TOP + height - (height * value) / top).toFixed(1);
  const grid = ticks(0, top, isSingle ? 5 : 3).map(
    (value) =>
      html`<line class="grid" x1="0" x2="100%" y1="${y(value)}" y2="${y(value)}"/><text class="axis halo" x="0" y="${y(value)}" dy="-4">${numberText(value, Number.isInteger(value) ? 0 : 1)}</text>`,
  );
  const times = timeTicks(from, to, zone, isSingle ? 12 : 6).map(({ at, text }, order) => {
    const share = (at - from) / (to - from);
    const anchor = share < 0.03 ? 'start' : share > 0.97 ? 'end' : 'middle';
    return html`<g${order % 2 === 1 ? html` class="second"` : undefined}><line class="tick" x1="${x(at)}" x2="${x(at)}" y1="${TOP + height}" y2="${TOP + height + 4}"/><text class="axis" x="${x(at)}" y="${TOP + height + 17}" text-anchor="${anchor}">${text}</text></g>`;
  });
  const bands = gapsOf(panel.cells).map(
    (gap) =>
      html`<rect class="${gap.isLeftOut === true ? 'left-out' : 'unmeasured'}" x="${x(gap.from)}" width="${x(from + gap.to - gap.from)}" y="${TOP}" height="${height}"/>`,
  );
  const points = pointsOf(panel.cells, scale);
  const drawn = {
    line: line<Point>()
      .defined(({ value }) => value !== undefined)
      .x(({ x }) => x)
      .y(({ value = 0 }) => UNITS * (1 - value / top))
      .digits(1)(points),
    area: area<Point>()
      .defined(({ value }) => value !== undefined)
      .x(({ x }) => x)
      .y1(({ value = 0 }) => UNITS * (1 - value / top))
      .y0(UNITS)
      .digits(1)(points),
  };
  const behind = others.map((other) => html`<use href="#line-${other}"/>`);
  return html`<svg class="panel" role="img" aria-labelledby="panel-${place} about-${place}" width="100%" height="${TOP + height + BOTTOM}">
<title id="panel-${place}">${panel.name}: average audience over time</title><desc id="about-${place}">${aboutPanel(panel, zone)}</desc>
${bands}${grid}<svg x="0" y="${TOP}" width="100%" height="${height}" viewBox="0 0 ${UNITS} ${UNITS}" preserveAspectRatio="none" overflow="visible"><g class="behind">${behind}</g><path class="area" d="${drawn.area ?? ''}"/><g class="line"><path id="line-${place}" vector-effect="non-scaling-stroke" d="${drawn.line ?? ''}"/></g></svg>
<line class="base" x1="0" x2="100%" y1="${TOP + height}" y2="${TOP + height}"/>${times}</svg>`;
}

/** A step from each cell's start to its end; a hole where there is no value, or nothing between two cells. */
function pointsOf(cells: readonly Cell[], { from, to }: Scale): Point[] {
  const x = (at: number): number => (UNITS * (at - from)) / (to - from);
  return cells.flatMap((cell, place) => {
    const after = cells[place - 1]?.to;
    const hole = after !== undefined && after < cell.from ? [{ x: x(after), value: undefined }] : [];
    return [...hole, { x: x(cell.from), value: cell.value }, { x: x(cell.to), value: cell.value }];
  });
}

/** Times without a value, neighbours of one kind joined. */
function gapsOf(cells: readonly Cell[]): Cell[] {
  const gaps: Cell[] = [];
  for (const cell of cells) {
    if (cell.value !== undefined) continue;
    const last = gaps.at(-1);
    if (last?.to === cell.from && last.isLeftOut === cell.isLeftOut) last.to = cell.to;
    else gaps.push({ ...cell });
  }
  return gaps;
}

function aboutPanel({ cells }: LinePanel, zone: Zone): string {
  const measured = cells.filter((cell): cell is Cell & { value: number } => cell.value !== undefined);
  const [first] = measured;
  if (first === undefined) return 'No values.';
  const highest = measured.reduce((best, cell) => (cell.value > best.value ? cell : best), first);
  const lowest = measured.reduce((best, cell) => (cell.value < best.value ? cell : best), first);
  const at = ({ from, value }: Cell & { value: number }): string =>
    `${numberText(value, 1)} people at ${instantText(from, zone)}`;
  const gaps = cells.length - measured.length;
  return `${measured.length} values. Highest ${at(highest)}; lowest ${at(lowest)}.${gaps === 0 ? '' : ` ${gaps} without a value.`}`;
}
