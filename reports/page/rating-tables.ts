// The rows of a report as tables: what one reads first, the rest of the figures, and what a chart over time is drawn of (R14).

import { wallTextOf } from '../../sg/zone-time.ts';
import type { RatingReport, RatingRow } from '../ratings/rating-report.ts';
import type { LineChart } from './chart-choice.ts';
import { type FigureKey, figureWords } from './figure-words.ts';
import { type Html, html } from './html.ts';
import { lengthText, numberText } from './page-numbers.ts';
import { type KeyColumn, keyColumnsOf, leftOutText, noteOf, type Reading } from './row-words.ts';

/** The rows that a page shows: some 1.5 MB of it. */
export const ROWS_SHOWN = 1_000;
/** Longer tables are folded, except on paper. */
const ROWS_OPEN = 60;
/** Some eight sheets; the style sheet hides later ones on paper. */
export const ROWS_ON_PAPER = 200;

interface TableAsked {
  id: string;
  caption: string;
  report: RatingReport;
  figures: readonly FigureKey[];
  /** Says in a last column why figures are missing. */
  hasNotes: boolean;
  reading: Reading;
}

/** The figures that some row has. */
export function figuresIn({ items, total }: RatingReport, figures: readonly FigureKey[]): FigureKey[] {
  const all = total === undefined ? items : [...items, total];
  return figures.filter((key) => all.some((row) => row[key] !== undefined));
}

/** A table of those; undefined if none has any of them. A row that is left out says so across them. */
export function figureTable({ id, caption, report, figures, hasNotes, reading }: TableAsked): Html | undefined {
  const { items, total } = report;
  const all = total === undefined ? items : [...items, total];
  const shown = figuresIn(report, figures).map(figureWords);
  if (shown.length === 0) return undefined;
  const keys = keyColumnsOf(report, reading);
  const isNoted = hasNotes && all.some((row) => noteOf(row) !== undefined);
  const headings = shown.map(
    ({ name, unit, trade, formula }) =>
      html`<th scope="col" class="number"><abbr title="${trade}: ${formula}">${name}</abbr> <span class="unit">${unit}</span></th>`,
  );
  const cells = (row: RatingRow): Html[] =>
    row.suppressed === true
      ? [html`<td colspan="${shown.length}" class="words left-out">${leftOutText(reading)}</td>`]
      : shown.map(({ key }) => figureCell(row, key, reading));
  const note = (row: RatingRow): Html | undefined =>
    isNoted ? html`<td class="words">${noteOf(row) ?? ''}</td>` : undefined;
  const body = items
    .slice(0, ROWS_SHOWN)
    .map((row) => html`<tr>${keys.map((key) => keyCell(key, row))}${cells(row)}${note(row)}</tr>\n`);
  const foot =
    total === undefined
      ? undefined
      : html`<tfoot><tr><th scope="row"${keys.length > 1 ? html` colspan="${keys.length}"` : undefined}>All services together</th>${cells(total)}${note(total)}</tr></tfoot>\n`;
  const head = html`<tr>${keys.length === 0 ? html`<th scope="col">Rows</th>` : keys.map(({ heading }) => html`<th scope="col">${heading}</th>`)}${headings}${isNoted ? html`<th scope="col">Note</th>` : undefined}</tr>`;
  return scrolling(
    id,
    caption,
    html`<thead>${head}</thead>\n<tbody>\n${body}</tbody>\n${foot}`,
    Math.min(items.length, ROWS_SHOWN),
  );
}

function keyCell({ textOf, isShort }: KeyColumn, row: RatingRow): Html {
  const [text, detail] = textOf(row) ?? [''];
  if (text === '') return html`<td></td>`;
  return html`<th scope="row"${isShort ? html` class="short"` : undefined}><bdi>${text}</bdi>${detail === undefined ? undefined : html` <small><bdi>${detail}</bdi></small>`}</th>`;
}

function figureCell(row: RatingRow, key: FigureKey, reading: Reading): Html {
  const value = row[key];
  if (value === undefined) return html`<td class="missing">n/a</td>`;
  const { unit, decimals } = figureWords(key);
  if (unit === 'time') {
    const iso = new Date(value).toISOString();
    const { date, time } = wallTextOf(value, reading.zone);
    return html`<td><time datetime="${iso}">${date} ${time}</time></td>`;
  }
  return html`<td>${exactNumber(value, unit === 'h:mm:ss' ? lengthText(value) : numberText(value, decimals))}</td>`;
}

/** What is shown, and the figure as the other formats write it, where that is more. */
function exactNumber(value: number, text: string): Html {
  return text === String(value) ? html`${text}` : html`<data value="${value}">${text}</data>`;
}

/** The numbers of a chart over time: a row a time, a column a panel. Undefined for one panel: the table of figures has them. */
export function timeTable(chart: LineChart, reading: Reading): Html | undefined {
  const { panels } = chart;
  if (panels.length < 2) return undefined;
  const places = panels.map(({ cells }) => new Map(cells.map((cell) => [cell.from, cell])));
  const times = [...new Set(places.flatMap((cells) => [...cells.keys()]))].sort((a, b) => a - b);
  const rows = times.map((at) => {
    const { date, time } = wallTextOf(at, reading.zone);
    const cells = places.map((place) => {
      const cell = place.get(at);
      if (cell?.value !== undefined) return html`<td>${exactNumber(cell.value, numberText(cell.value, 1))}</td>`;
      return html`<td class="missing">${cell === undefined ? '' : cell.isLeftOut === true ? 'left out' : 'n/a'}</td>`;
    });
    return html`<tr><th scope="row"><time datetime="${new Date(at).toISOString()}">${date} ${time}</time></th>${cells}</tr>\n`;
  });
  const head = html`<tr><th scope="col">From</th>${panels.map(({ name }) => html`<th scope="col" class="number"><bdi>${name}</bdi></th>`)}</tr>`;
  return scrolling(
    'over-time',
    'Average audience over time, people',
    html`<thead>${head}</thead>\n<tbody>\n${rows}</tbody>\n`,
    times.length,
  );
}

/** A table that scrolls by keyboard, too, where it is wider than the screen; folded if it is long, and cut on paper. */
function scrolling(id: string, caption: string, content: Html, rows: number): Html {
  const table = html`<section class="scroll" aria-labelledby="${id}" tabindex="0"><table>\n<caption id="${id}">${caption}</caption>\n${content}</table></section>`;
  const cut =
    rows > ROWS_ON_PAPER
      ? html`<p class="paper">On paper ${ROWS_ON_PAPER} of ${numberText(rows, 0)} rows.</p>`
      : undefined;
  return rows <= ROWS_OPEN
    ? table
    : html`<details><summary>${caption}: ${numberText(rows, 0)} rows</summary>${cut}${table}</details>`;
}
