// What makes a report citable: how to cite it, the same report in other formats, every field of its header (ratings R5).

import type { ReportHeader } from '../ratings/rating-report.ts';
import { headerLines, titleOf, whoseText } from './header-words.ts';
import { type Html, html } from './html.ts';
import { numberText, utcText } from './page-numbers.ts';
import type { ReportAddress } from './report-address.ts';

const FORMATS = { csv: 'CSV', xml: 'XML', json: 'JSON' } as const;

export function citation(criteria: ReportHeader, address: ReportAddress): Html {
  const { from, to, status, revision, madeAt, hash } = criteria;
  const links = (['csv', 'xml', 'json'] as const).map(
    (format) => html`<li><a href="${address.linkTo(format)}">${FORMATS[format]}</a></li>`,
  );
  const edition = revision === undefined ? status : `${status}, revision ${numberText(revision, 0)}`;
  const lines = headerLines(criteria).map(
    ({ label, text, meaning, key }) =>
      html`<div><dt>${label}</dt><dd>${key === 'hash' ? html`<code>${text}</code>` : html`<bdi>${text}</bdi>`}${meaning === undefined ? undefined : html` <span class="meaning">${meaning}</span>`}</dd></div>\n`,
  );
  return html`<section aria-labelledby="cite"><h2 id="cite">Cite this report</h2>
<p class="cite">pocketmeter, “${titleOf(criteria)}”, <bdi>${whoseText(criteria)}</bdi>, ${utcText(from)} to ${utcText(to)}, ${edition}, made ${utcText(madeAt)}, SHA-256 <code>${hash}</code>, ${address.of('html')}</p>
<nav aria-label="The same report in other formats"><ul class="formats">${links}</ul></nav>
<h3>What it was asked for and rests on</h3>
<dl class="criteria">${lines}</dl></section>`;
}
