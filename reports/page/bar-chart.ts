// Ratings or profiles as horizontal bars in SVG, each named above it, so that it fits a phone as well as a sheet (R14).

import { nice, ticks } from 'd3-array';
import type { Bar, BarChart, BarPanel } from './chart-choice.ts';
import { type Html, html, shownText } from './html.ts';
import { numberText } from './page-numbers.ts';

/** Px: the axis above, one bar with its name, the bar itself. */
const TOP = 22;
const PITCH = 36;
const BAR = { offset: 16, height: 11 };
/** Of the width; what is right of it is for the numbers. */
const PLOT = { rating: 68, audience: 82, profile: 66 };
/** What a phone has room for. */
const NAME_LENGTH = 46;

/** One SVG for each panel, all on one scale from zero. */
export function barChart({ panels, measure }: BarChart): Html[] {
  const most = Math.max(0, ...panels.flatMap(({ bars }) => bars.flatMap(({ value = 0, mark = 0 }) => [value, mark])));
  const [, top] = nice(0, most > 0 ? most : 1, 5);
  return panels.map((panel, place) => panelSvg(panel, place, top, measure));
}

const UNITS = { rating: '%', profile: '%', audience: 'people' };
const NAMES = {
  rating: 'rating in % of the universe',
  profile: 'profile in % of the audience',
  audience: 'average audience in people',
};

function panelSvg({ name, bars }: BarPanel, place: number, top: number, measure: BarChart['measure']): Html {
  const x = (value: number): string => `${((PLOT[measure] * value) / top).toFixed(2)}%`;
  const height = TOP + bars.length * PITCH;
  const grid = ticks(0, top, 4).map(
    (value, order) =>
      html`<line class="${order === 0 ? 'base' : 'grid'}" x1="${x(value)}" x2="${x(value)}" y1="${TOP - 4}" y2="${height}"/><text class="axis" x="${x(value)}" y="11" text-anchor="${order === 0 ? 'start' : 'middle'}">${numberText(value, Number.isInteger(value) ? 0 : decimalsOf(value))}${order === 0 ? ` ${UNITS[measure]}` : ''}</text>`,
  );
  const title = name === '' ? NAMES[measure] : `${name}: ${NAMES[measure]}`;
  return html`<svg class="panel" role="img" aria-labelledby="panel-${place} about-${place}" width="100%" height="${height}">
<title id="panel-${place}">${title}</title><desc id="about-${place}">${bars.map((bar) => `${nameOf(bar)}: ${valueText(bar, measure)}`).join('; ')}.</desc>
${grid}${bars.map((bar, order) => barMarkup(bar, TOP + order * PITCH, x, measure))}</svg>`;
}

function barMarkup(bar: Bar, at: number, x: (value: number) => string, measure: BarChart['measure']): Html {
  const { value, mark, missing } = bar;
  const [y, middle] = [at + BAR.offset, at + BAR.offset + BAR.height / 2];
  const [name, detail] = shortened(bar);
  const label = html`<text class="name halo" x="0" y="${at + 12}">${name}${detail === '' ? undefined : html`<tspan class="detail" dx="6">${detail}</tspan>`}</text>`;
  if (value === undefined) {
    return html`${label}<rect class="left-out" x="0" y="${y}" width="24" height="${BAR.height}"/><text class="missing halo" x="30" y="${y + 9}">${missing}</text>`;
  }
  const end = x(Math.max(value, mark ?? 0));
  const marked =
    mark === undefined
      ? undefined
      : html`<line class="stem" x1="${x(Math.min(value, mark))}" x2="${x(mark)}" y1="${middle}" y2="${middle}"/><line class="mark" x1="${x(mark)}" x2="${x(mark)}" y1="${y - 2}" y2="${y + BAR.height + 2}"/>`;
  return html`${label}<rect class="bar" x="0" y="${y}" width="${x(value)}" height="${BAR.height}"/>${marked}<text class="value halo" x="${end}" dx="7" y="${y + 10}">${valueMarkup(bar, measure)}</text>`;
}

function valueText({ value, mark, index, missing }: Bar, measure: BarChart['measure']): string {
  if (value === undefined) return missing ?? '';
  const text = {
    rating: `${numberText(value, 2)} %`,
    profile: `${numberText(value, 1)} %`,
    audience: numberText(value, 1),
  }[measure];
  if (measure === 'rating' && mark !== undefined) return `${text}, reach ${numberText(mark, 1)} %`;
  return index === undefined ? text : `${text}, index ${numberText(index, 0)}`;
}

/** As text, with reach beside the rating in the colours of mark and bar. */
function valueMarkup(bar: Bar, measure: BarChart['measure']): Html {
  const { value = 0, mark } = bar;
  if (measure !== 'rating' || mark === undefined) return html`${valueText(bar, measure)}`;
  return html`<tspan class="of-bar">${numberText(value, 2)}</tspan> / <tspan class="of-mark">${numberText(mark, 1)} %</tspan>`;
}

const nameOf = ({ name, detail }: Bar): string => [name, detail].filter((part) => part !== undefined).join(', ');

function shortened({ name, detail = '' }: Bar): [string, string] {
  const room = NAME_LENGTH - detail.length;
  const characters = [...shownText(name)];
  return [
    characters.length <= room
      ? characters.join('')
      : `${characters
          .slice(0, room - 1)
          .join('')
          .trimEnd()}…`,
    detail,
  ];
}

const decimalsOf = (value: number): number => String(value).split('.')[1]?.length ?? 0;
