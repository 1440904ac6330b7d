// The page of a rating report in a real browser: by keyboard, without scripts, on a phone, in the dark, on A4 (ratings R14; WCAG 2.2).

import { mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import express from 'express';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createRatingArchive } from '../../reports/ratings/rating-archive.ts';
import { createRatings, type RatingsDeps } from '../../reports/ratings/ratings.ts';
import { reportsRouter } from '../../reports/ratings/reports-router.ts';
import type { Caller } from '../../server/http/caller.ts';
import { openSqliteStore } from '../../server/store/sqlite/open-sqlite-store.ts';
import { chromiumPath, startChromium } from '../support/chromium.ts';
import { DAY, ratedDay } from '../support/rated-day.ts';
import { faintTexts } from '../support/text-contrast.ts';

const PICTURES = process.env.PICTURES ?? 'pictures';
/** What has the focus, run in the page. */
const FOCUSED = '[document.activeElement.tagName, document.activeElement.textContent.slice(0, 24)].join(" ")';
const WIDTHS = [360, 768, 1280];
const WINDOW = `from=${new Date(DAY.from).toISOString()}&to=${new Date(DAY.to).toISOString()}&format=html`;
const FEW = ratedDay({ people: 60 });

/** Reports to look at: the query, whose, and the most sheets of A4. */
const REPORTS: Readonly<Record<string, { query: string; deps: RatingsDeps; provider?: string; sheets: number }>> = {
  'by-service': { query: 'by=service', deps: ratedDay({ unmeasured: ['03'] }), sheets: 6 },
  'by-programme': { query: 'by=programme', deps: ratedDay(), sheets: 24 },
  'by-service-and-quarter-hour': {
    query: 'by=service,quarter-hour',
    deps: ratedDay({ unmeasured: ['03'] }),
    sheets: 24,
  },
  'by-quarter-hour': { query: 'by=quarter-hour', deps: ratedDay(), sheets: 12 },
  'by-service-and-region': { query: 'by=service,region', deps: ratedDay(), sheets: 9 },
  'by-service-and-daypart': { query: 'by=service,daypart', deps: ratedDay(), sheets: 10 },
  'left-out-by-hour': { query: 'by=service,hour', deps: FEW, provider: 'acme', sheets: 15 },
  'left-out-by-region': { query: 'by=service,region', deps: FEW, provider: 'acme', sheets: 7 },
  'without-rows': { query: 'by=programme', deps: FEW, provider: 'nobody', sheets: 3 },
};

describe('rating-page in a browser', function () {
  this.timeout(120_000);
  let browser: Browser;
  let server: ReturnType<express.Express['listen']>;
  let origin: string;

  before(async function () {
    const path = chromiumPath();
    if (path === undefined) {
      console.log('\nNOT TESTED: THERE IS NO CHROMIUM HERE. 0 passed, 0 failed, 1 skipped\n');
      this.skip();
    }
    browser = await startChromium(path);
    const app = express();
    for (const [name, { deps, provider }] of Object.entries(REPORTS)) {
      const caller: Caller =
        provider === undefined ? { user: 'x', role: 'administrator' } : { user: 'x', role: 'provider', provider };
      const guard = (): express.RequestHandler => (_request, response, next) => {
        response.locals.caller = caller;
        next();
      };
      const listAttention = async () => ({ mostWatched: [], mostPopular: [] });
      const { rules, clock } = deps;
      const store = openSqliteStore(':memory:').ratingReports;
      const archive = createRatingArchive({ ...deps, ratings: createRatings(deps), store });
      app.use(`/${name}`, reportsRouter({ archive, listAttention, rules, guard, clock }));
    }
    server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    mkdirSync(PICTURES, { recursive: true });
  });
  after(async () => {
    await browser?.close();
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  });

  const addressOf = (name: string): string => `${origin}/${name}/reports/ratings?${REPORTS[name]?.query}&${WINDOW}`;
  /** Fails on whatever the browser complains of, and on any request but the page's own. */
  const visit = async (
    name: string,
    options: BrowserContextOptions,
    look: (page: Page) => Promise<void>,
  ): Promise<void> => {
    const context = await browser.newContext(options);
    try {
      const page = await context.newPage();
      const told: string[] = [];
      page.on('console', (message) => told.push(message.text()));
      page.on('pageerror', (error) => told.push(String(error)));
      page.on('request', (request) => told.push(`${request.resourceType()} ${request.url()}`));
      const answer = await page.goto(addressOf(name));
      expect(answer?.status()).to.equal(200);
      await look(page);
      expect(told).to.deep.equal([`document ${encodeURI(decodeURI(addressOf(name)))}`]);
    } finally {
      await context.close();
    }
  };
  const open = (page: Page): Promise<void> =>
    page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true');

  for (const name of Object.keys(REPORTS)) {
    it(`${name}: fits every width, and its text is seen in light and dark`, async () => {
      for (const width of WIDTHS) {
        await visit(name, { viewport: { width, height: 900 } }, async (page) => {
          if (width === 1280) await page.screenshot({ path: join(PICTURES, `${name}-light.png`), fullPage: true });
          await open(page);
          expect(await page.evaluate('document.documentElement.scrollWidth'), `${width}`).to.be.at.most(width);
          if (width === 1280) expect(await faintTexts(page)).to.deep.equal([]);
        });
      }
      await visit(name, { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }, async (page) => {
        await page.screenshot({ path: join(PICTURES, `${name}-dark.png`), fullPage: true });
        await open(page);
        expect(await faintTexts(page)).to.deep.equal([]);
        expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).to.equal('rgb(20, 23, 26)');
      });
      const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true };
      await visit(name, phone, async (page) => {
        await page.screenshot({ path: join(PICTURES, `${name}-phone.png`), fullPage: true });
      });
    });

    it(`${name}: prints on A4`, async () => {
      await visit(name, { colorScheme: 'dark' }, async (page) => {
        const pdf = await page.pdf({ preferCSSPageSize: true });
        writeFileSync(join(PICTURES, `${name}.pdf`), pdf);
        const boxes = [...pdf.toString('latin1').matchAll(/\/MediaBox\s*\[([^\]]*)\]/g)].map(([, box]) => box?.trim());
        expect(boxes.length).to.be.within(1, REPORTS[name]?.sheets ?? 0);
        expect(new Set(boxes)).to.satisfy((kinds: Set<string>) =>
          [...kinds].every((box) => /^0 0 (594\.\d+ 841\.\d+|841\.\d+ 594\.\d+)$/.test(box)),
        );
      });
    });
  }

  it('by keyboard: the skip link first, then tables that scroll, what is folded, and links', async () => {
    await visit('by-service-and-quarter-hour', {}, async (page) => {
      const stops: string[] = [];
      for (let stop = 0; stop < 12; stop++) {
        await page.keyboard.press('Tab');
        stops.push(await page.evaluate<string>(FOCUSED));
        const drawn = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
        if (!stops.at(-1)?.startsWith('BODY')) expect(drawn, stops.at(-1)).to.equal('solid');
      }
      expect(stops.slice(0, 7)).to.deep.equal([
        'A Skip to the figures',
        'SUMMARY Average audience over ti',
        'SUMMARY Audience: 768 rows',
        'SUMMARY Further figures: 768 row',
        'A CSV',
        'A XML',
        'A JSON',
      ]);
      await page.locator('.skip').focus();
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).to.equal('figures');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.querySelector("caption").textContent')).to.equal(
        'Average audience over time, people',
      );
    });
  });

  it('a faint text is noticed', async () => {
    const page = await browser.newPage();
    await page.setContent('<p style="color:#999">faint</p><p style="color:#666">not faint</p>');
    expect(await faintTexts(page)).to.have.length(1);
    await page.close();
  });

  it('without scripts: the same page', async () => {
    const texts: string[] = [];
    for (const javaScriptEnabled of [true, false]) {
      await visit('by-service', { javaScriptEnabled }, async (page) => {
        texts.push(await page.locator('main').innerText());
      });
    }
    expect(texts[0]).to.equal(texts[1]).and.to.contain('All services together');
  });

  it('a chart is named and described to those who do not see it', async () => {
    await visit('by-service', {}, async (page) => {
      const [chart] = await page.getByRole('img').all();
      expect(await chart?.ariaSnapshot()).to.contain('rating in % of the universe');
      expect(await page.getByRole('table', { name: 'Audience' }).count()).to.equal(1);
      expect(await page.getByRole('heading', { level: 1 }).innerText()).to.equal('Audience by service');
    });
  });
});
