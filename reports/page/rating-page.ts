// A rating report as a page for people: server-made, without scripts, with charts, tables and what makes it citable (ratings R5, R14).

import { createHash } from 'node:crypto';
import type { RatingReport } from '../ratings/rating-report.ts';
import { barChart } from './bar-chart.ts';
import { type BarChart, chartOf, type LineChart } from './chart-choice.ts';
import { citation } from './citation.ts';
import { FURTHER_FIGURES, figureWords, MAIN_FIGURES } from './figure-words.ts';
import { statusMeaning, titleOf, whoseText, zoneOf } from './header-words.ts';
import { cssString, type Html, html } from './html.ts';
import { lineChart } from './line-chart.ts';
import { instantText, numberText, utcText } from './page-numbers.ts';
import { PAGE_STYLE } from './page-style.ts';
import { figuresIn, figureTable, ROWS_SHOWN, timeTable } from './rating-tables.ts';
import { reportAddress } from './report-address.ts';
import { leftOutText, type Reading } from './row-words.ts';

export interface RatingPage {
  /** UTF-8. */
  text: string;
  /** For the header Content-Security-Policy: nothing but the page's own style. */
  policy: string;
}

/** `url` is what the report was asked for by, whole. The same report and url make the same bytes. */
export function ratingPage(report: RatingReport, url: string): RatingPage {
  const { criteria } = report;
  const reading: Reading = { zone: zoneOf(criteria), suppressBelow: criteria.suppressBelow };
  const address = reportAddress(url, criteria);
  const style = `${PAGE_STYLE}@page{@bottom-left{content:${cssString(`${address.of('html')}\nSHA-256 ${criteria.hash}`)}}}`;
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;
  const title = titleOf(criteria);
  const zoned = (at: number): string => instantText(at, reading.zone);
  const { markup } = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}, ${whoseText(criteria)}, ${utcText(criteria.from)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style>${{ markup: style }}</style>
</head>
<body>
<a class="skip" href="#figures">Skip to the figures</a>
<svg class="patterns" aria-hidden="true" width="0" height="0"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" x2="0" y1="0" y2="6"/></pattern></defs></svg>
<header>
<p class="kicker">Audience measurement · rating report</p>
<h1>${title}</h1>
<p class="whose"><bdi>${whoseText(criteria)}</bdi></p>
<p class="window"><time datetime="${iso(criteria.from)}">${zoned(criteria.from)}</time> to <time datetime="${iso(criteria.to)}">${zoned(criteria.to)}</time>, ${criteria.zone}<br><span class="utc">${utcText(criteria.from)} to ${utcText(criteria.to)}</span></p>
<p class="status"><strong class="${criteria.status}">${criteria.status}</strong> ${statusMeaning(criteria.status)}${criteria.through < criteria.to ? ` They go through ${zoned(criteria.through)}.` : ''}</p>
</header>
<main id="figures" tabindex="-1">
${summary(report)}${figures(report, reading)}
${citation(criteria, address)}
${definitions(report)}
</main>
<footer><p>${address.of('html')}<br>SHA-256 <code>${criteria.hash}</code></p></footer>
</body>
</html>
`;
  return { text: markup, policy };
}

const iso = (at: number): string => new Date(at).toISOString();

/** All services together, at a glance. */
function summary({ total, criteria }: RatingReport): Html | undefined {
  if (total === undefined) return undefined;
  const tiles: [string, string | undefined, string][] = [
    ['Universe', numberText(criteria.universe, 0), 'people'],
    ['Average audience', shownNumber(total.averageAudience, 1), 'people'],
    ['Total viewing', shownNumber(total.totalViewingPercent, 2), '%'],
    ['Reach', shownNumber(total.reachPercent, 1), '%'],
  ];
  const shown = tiles.filter(([, value]) => value !== undefined);
  return html`<section aria-labelledby="glance"><h2 id="glance">All services together</h2>
<dl class="tiles">${shown.map(([name, value, unit]) => html`<div><dt>${name}</dt><dd>${value} <span class="unit">${unit}</span></dd></div>`)}</dl></section>
`;
}

const shownNumber = (value: number | undefined, decimals: number): string | undefined =>
  value === undefined ? undefined : numberText(value, decimals);

function figures(report: RatingReport, reading: Reading): Html {
  const { items } = report;
  if (items.length === 0) {
    return html`<section aria-labelledby="rows"><h2 id="rows">Figures</h2>
<p class="nothing">This report has no rows: in its window the guide has nothing that was asked for.</p></section>`;
  }
  const chart = chartOf(report, reading);
  const shared = { report, reading };
  const main = figureTable({ ...shared, id: 'main', caption: 'Audience', figures: MAIN_FIGURES, hasNotes: true });
  const further = figureTable({
    ...shared,
    id: 'further',
    caption: 'Further figures',
    figures: FURTHER_FIGURES,
    hasNotes: false,
  });
  const cut =
    items.length > ROWS_SHOWN
      ? html`<p class="note">The tables show the first ${numberText(ROWS_SHOWN, 0)} of ${numberText(items.length, 0)} rows. The CSV below has all of them.</p>`
      : undefined;
  return html`<section aria-labelledby="rows"><h2 id="rows">Figures</h2>
${chart === undefined ? html`<p class="nothing">No row has an average audience to draw; the table says why.</p>` : figure(chart, reading)}
${chart?.kind === 'lines' ? timeTable(chart, reading) : undefined}
<p class="note">Figures are rounded for reading; XML, CSV and JSON have four decimals. n/a: not available, not zero.</p>
${cut}${main}
${further === undefined ? undefined : html`<div class="wide">${further}</div>`}</section>`;
}

function figure(chart: LineChart | BarChart, reading: Reading): Html {
  const panels = chart.kind === 'lines' ? lineChart(chart, reading.zone) : barChart(chart);
  const names = chart.panels.map(({ name }) => name);
  const isSeveral = panels.length > 1;
  const boxes = panels.map(
    (panel, place) =>
      html`<div class="box">${isSeveral || chart.kind === 'lines' ? html`<h3><bdi>${names[place]}</bdi></h3>` : undefined}${panel}</div>`,
  );
  const notes = [...legendOf(chart, reading), ...chart.notes];
  return html`<figure><figcaption><strong>${captionOf(chart)}</strong> ${notes.join(' ')}</figcaption>
<div class="panels${isSeveral ? ' several' : ''}">${boxes}</div></figure>`;
}

function captionOf(chart: LineChart | BarChart): string {
  if (chart.kind === 'lines') return 'Average audience over time, people.';
  return {
    rating: 'Rating and reach, % of the universe.',
    profile: 'Profile, % of the audience.',
    audience: 'Average audience, people.',
  }[chart.measure];
}

function legendOf(chart: LineChart | BarChart, reading: Reading): string[] {
  if (chart.kind === 'bars') {
    if (chart.measure === 'rating') return ['Bar: rating; upright mark: reach. Beside it: rating / reach.'];
    return chart.measure === 'profile'
      ? [
          'Bar: the group’s part of the audience. Upright mark: what it would be if the group watched as much as everybody (index 100).',
        ]
      : [];
  }
  const cells = chart.panels.flatMap((panel) => panel.cells);
  return [
    ...(chart.panels.length > 1 ? ['All on one scale; grey: the others.'] : []),
    ...(cells.some((cell) => cell.isLeftOut === true) ? [`Hatched: ${leftOutText(reading)}.`] : []),
    ...(cells.some((cell) => cell.value === undefined && cell.isLeftOut !== true) ? ['Dotted: not available.'] : []),
  ];
}

function definitions(report: RatingReport): Html | undefined {
  const shown = figuresIn(report, [...MAIN_FIGURES, ...FURTHER_FIGURES]).map(figureWords);
  if (shown.length === 0) return undefined;
  const entries = shown.map(
    ({ name, unit, trade, formula, source }) =>
      html`<div><dt>${name} <span class="unit">${unit === 'time' ? trade : `${trade}, ${unit}`}</span></dt><dd>${formula} <cite>${source}</cite></dd></div>\n`,
  );
  return html`<section aria-labelledby="definitions"><h2 id="definitions">What the figures mean</h2>
<dl class="definitions">${entries}</dl></section>`;
}
