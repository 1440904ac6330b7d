// The page of a rating report: valid, whole, readable without its charts, and safe whatever titles say (ratings R5, R14).

import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { HtmlValidate } from 'html-validate';
import { CONTENT_DIMENSIONS, readBreakdown, TIME_DIMENSIONS } from '../../../../reports/breakdown/breakdown.ts';
import { ratingPage } from '../../../../reports/page/rating-page.ts';
import { HEADER_COLUMNS, type RatingReport } from '../../../../reports/ratings/rating-report.ts';
import { createRatings, type RatingsDeps } from '../../../../reports/ratings/ratings.ts';
import {
  attributeOf,
  cellsOf,
  type Element,
  elementsIn,
  hasClass,
  parseHtml,
  textOf,
} from '../../../support/html-document.ts';
import { DAY, ratedDay } from '../../../support/rated-day.ts';

const URL = 'https://audience.example/reports/ratings?by=service&format=html';

async function rate(
  by: string,
  deps: RatingsDeps = ratedDay(),
  more: { provider?: string } = {},
): Promise<RatingReport> {
  const reach = { kSeconds: 60, kind: 'consecutive' } as const;
  return await createRatings(deps).rate({ ...DAY, by: readBreakdown(by), base: 'second', reach, ...more });
}
const read = (report: RatingReport) => {
  const page = ratingPage(report, URL);
  return { ...page, ...parseHtml(page.text) };
};
const tableOf = (root: Parameters<typeof elementsIn>[0], caption: string): Element => {
  const table = elementsIn(root, 'table').find((each) => textOf(elementsIn(each, 'caption')[0] ?? each) === caption);
  if (table === undefined) throw new Error(`no table ${caption}`);
  return table;
};
const FEW = { rules: { suppressBelow: 5 }, people: 60 };

describe('rating-page', function () {
  this.timeout(60_000);

  it('R14: is valid HTML, each table with caption and scopes, each chart with title and description', async () => {
    const validator = new HtmlValidate({
      extends: ['html-validate:recommended'],
      rules: {
        'void-style': 'off', // SVG closes its own elements
        'long-title': 'off', // it says of what, whose and when
        'no-trailing-whitespace': 'off',
        'no-inline-style': 'off',
        'require-sri': 'off',
      },
    });
    for (const [by, deps, more] of [
      ['service', ratedDay({ unmeasured: ['03'] }), {}],
      ['programme', ratedDay(), {}],
      ['service,hour', ratedDay({ unmeasured: ['03'] }), {}],
      ['service,region', ratedDay(FEW), { provider: 'acme' }],
      ['programme', ratedDay(), { provider: 'nobody' }],
    ] as const) {
      const { text, root, errors } = read(await rate(by, deps, more));
      expect(errors, by).to.deep.equal([]);
      const { results } = await validator.validateString(text);
      const told = results.flatMap(({ messages }) =>
        messages.map(({ ruleId, message, line }) => `${line}: ${ruleId}: ${message}`),
      );
      expect(told.slice(0, 10), by).to.deep.equal([]);
      expect(elementsIn(root, 'script')).to.deep.equal([]);
      for (const table of elementsIn(root, 'table')) {
        expect(elementsIn(table, 'caption')).to.have.length(1);
        for (const heading of elementsIn(table, 'th'))
          expect(attributeOf(heading, 'scope')).to.be.oneOf(['row', 'col']);
      }
      for (const chart of elementsIn(root, 'svg').filter((svg) => hasClass(svg, 'panel'))) {
        const names = attributeOf(chart, 'aria-labelledby')?.split(' ');
        const own = ['title', 'desc'].flatMap((name) => elementsIn(chart, name)).map((each) => attributeOf(each, 'id'));
        expect([attributeOf(chart, 'role'), names]).to.deep.equal(['img', own]);
      }
    }
  });

  it('R14: the numbers of a bar chart are in the table below it', async () => {
    const { root } = read(await rate('service'));
    const [, ...rows] = cellsOf(tableOf(root, 'Audience'));
    const [rating, reach] = [2, 5];
    const values = elementsIn(root, 'text')
      .filter((each) => hasClass(each, 'value'))
      .map(textOf);
    const names = elementsIn(root, 'text')
      .filter((each) => hasClass(each, 'name'))
      .map(textOf);
    expect(names).to.have.length(8);
    names.forEach((name, place) => {
      const row = rows.find(([service]) => service?.startsWith(name)) ?? [];
      expect(values[place]).to.equal(`${row[rating]} / ${Number(row[reach]).toFixed(1)} %`);
    });
  });

  it('R14: the numbers of a chart over time are in a table of times and series', async () => {
    const report = await rate('service,hour', ratedDay({ unmeasured: ['03'] }));
    const { root } = read(report);
    const [head, ...rows] = cellsOf(tableOf(root, 'Average audience over time, people'));
    expect(head).to.deep.equal([
      'From',
      'One (01)',
      'News 24 (02)',
      'Sport Live (03)',
      'Cinéma (04)',
      'Kids & Co (05)',
      'Музыка (06)',
      'Nature (07)',
      'Shop <b>TV</b> (08)',
    ]);
    expect(rows).to.have.length(24);
    expect(rows[0]?.[0]).to.equal('2026-11-19 02:00');
    const ofSport = report.items.filter(({ service }) => service === '03');
    expect(rows.map((cells) => cells[3])).to.deep.equal(
      ofSport.map(({ averageAudience }) => (averageAudience === undefined ? 'n/a' : averageAudience.toFixed(1))),
    );
    expect(rows.filter((cells) => cells[3] === 'n/a')).to.have.length(3);
  });

  it('R5: shows every field of the header, the hash whole, and leads to the other formats of the same window', async () => {
    const report = await rate('service');
    const { root, text } = read(report);
    const criteria = elementsIn(root, 'dl').find((each) => hasClass(each, 'criteria'));
    const present = HEADER_COLUMNS.filter(([key]) => report.criteria[key] !== undefined);
    expect(criteria && elementsIn(criteria, 'dt')).to.have.length(present.length);
    expect(text).to.contain(`SHA-256 <code>${report.criteria.hash}</code>`);
    const links = elementsIn(root, 'nav')
      .flatMap((nav) => elementsIn(nav, 'a'))
      .map((link) => attributeOf(link, 'href'));
    const query = 'from=2026-11-19T01%3A00%3A00.000Z&to=2026-11-20T01%3A00%3A00.000Z';
    expect(links).to.deep.equal(['csv', 'xml', 'json'].map((format) => `?by=service&format=${format}&${query}`));
    const data = elementsIn(root, 'data').map((each) => attributeOf(each, 'value'));
    expect(data).to.include(String(report.items[0]?.averageAudience)); // as exact as in the other formats
  });

  it('R14: a row that is left out says why, and has no figures', async () => {
    const report = await rate('service,region', ratedDay(FEW), { provider: 'acme' });
    const hidden = report.items.filter(({ suppressed }) => suppressed);
    expect(hidden).not.to.deep.equal([]);
    const { root } = read(report);
    const [, ...rows] = cellsOf(tableOf(root, 'Audience'));
    const told = rows.filter(([, , words]) => words?.startsWith('left out'));
    expect(told).to.have.length(hidden.length);
    expect(told[0]?.[2]).to.equal('left out: fewer than 5 people, or would tell of them');
    const short = elementsIn(root, 'text')
      .filter((each) => hasClass(each, 'missing'))
      .map(textOf);
    expect(new Set(short)).to.deep.equal(new Set(['left out: fewer than 5 people']));
  });

  it('R14: titles and names from a guide are text, wherever they stand', async () => {
    const evil = '"><script>alert(1)</script><style>*{display:none}</style>\u202e</title></svg>';
    const report = await rate('programme');
    const items = report.items
      .slice(0, 3)
      .map((row) => ({ ...row, title: evil, serviceName: evil, programme: evil, episode: evil }));
    const criteria = { ...report.criteria, services: evil, provider: evil, guideRevision: evil };
    const page = ratingPage(
      { ...report, criteria, items },
      `https://audience.example/reports/ratings?service=${encodeURIComponent(evil)}&x='"><script>`,
    );
    const { root, errors } = parseHtml(page.text);
    expect(errors).to.deep.equal([]);
    expect(elementsIn(root, 'script')).to.deep.equal([]);
    expect(elementsIn(root, 'style')).to.have.length(1);
    expect(page.text).not.to.contain('\u202e');
    expect(textOf(elementsIn(root, 'main')[0] as Element)).to.contain('"><script>alert(1)</script><style>');
  });

  it('R14: the policy allows its own style and nothing else', async () => {
    const { root, policy } = read(await rate('service'));
    const style = elementsIn(root, 'style').map(textOf).join('');
    const hash = createHash('sha256').update(style).digest('base64');
    expect(policy).to.equal(`default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`);
    const loading = elementsIn(root).filter(
      (each) =>
        attributeOf(each, 'src') !== undefined || attributeOf(each, 'style') !== undefined || each.tagName === 'link',
    );
    expect(loading).to.deep.equal([]);
  });

  it('R14: of a long report the first 1,000 rows, which is said; the same report makes the same bytes', async () => {
    const report = await rate('service,minute');
    expect(report.items).to.have.length(11_520);
    const { root, text } = read(report);
    expect(cellsOf(tableOf(root, 'Audience'))).to.have.length(1 + 1000 + 1);
    expect(text).to.contain('The tables show the first 1\u202f000 of 11\u202f520 rows. The CSV below has all of them.');
    expect(text.length).to.be.below(3_000_000);
    expect(ratingPage(report, URL).text).to.equal(text);
  });

  it('R3: every breakdown makes a page without holes in its words', async () => {
    const deps = ratedDay({ people: 30, unmeasured: ['01', '02'] });
    const times = TIME_DIMENSIONS.filter((time) => time !== 'minute');
    const all = [...CONTENT_DIMENSIONS.map((content) => [content]), ...times.map((time) => ['service', time])];
    for (const words of all) {
      for (const people of [[], ['region']]) {
        const by = [...words, ...people].filter((word) => word !== 'all').join(',');
        const { text, errors } = read(await rate(by, deps));
        expect(errors, by).to.deep.equal([]);
        expect(text.match(/NaN|Infinity|undefined|\[object/g), by).to.equal(null);
        const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
        expect(new Set(ids), by).to.have.property('size', ids.length);
      }
    }
  });

  it('a report without rows says so', async () => {
    const { root } = read(await rate('programme', ratedDay(), { provider: 'nobody' }));
    expect(elementsIn(root, 'table')).to.deep.equal([]);
    expect(textOf(elementsIn(root, 'main')[0] as Element)).to.contain('This report has no rows');
  });
});
