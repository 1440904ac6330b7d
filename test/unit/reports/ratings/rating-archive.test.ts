// Reports that are made once and kept, on a real store (ratings R5, R6, R14, R18).

import { expect } from 'chai';
import { readBreakdown } from '../../../../reports/breakdown/breakdown.ts';
import type { GuideProgramme } from '../../../../reports/breakdown/broadcasts.ts';
import { createRatingArchive, type RatingArchive } from '../../../../reports/ratings/rating-archive.ts';
import type { RatingCriteria } from '../../../../reports/ratings/rating-criteria.ts';
import { writeRatingReportCsv } from '../../../../reports/ratings/rating-report-csv.ts';
import { createRatings } from '../../../../reports/ratings/ratings.ts';
import { differenceOf } from '../../../../reports/ratings/report-difference.ts';
import type { ReportStore } from '../../../../reports/ratings/report-store.ts';
import { DEFAULT_RULES } from '../../../../reports/ratings/rules.ts';
import type { ViewingRow } from '../../../../reports/viewing/batch-rows.ts';
import { openSqliteStore } from '../../../../server/store/sqlite/open-sqlite-store.ts';
import { fixture, problemCode, stage } from './stage.ts';

const DAY_MS = 86_400_000;
const MADE_AT = Date.parse('2007-08-10T15:00:00Z');
const asked: RatingCriteria = {
  from: Date.parse('2007-08-09T10:00:00Z'),
  to: Date.parse('2007-08-09T12:25:00Z'),
  by: readBreakdown('programme'),
  base: 'second',
  reach: { kSeconds: 900, kind: 'consecutive' },
};
const late: ViewingRow = {
  ...{ viewer: 9, device: 9, service: '01', programme: '', imputedMs: 0 },
  startedAt: Date.parse('2007-08-09T10:00:00Z'),
  endedAt: Date.parse('2007-08-09T10:10:00Z'),
};

/** What an archive rests on, to be changed; `made` counts the reports that were measured. */
interface World {
  sessions: ViewingRow[];
  programmes: GuideProgramme[];
  dataRevision: string;
  revision: string;
  owner: string;
  suppressBelow: number;
  now: number;
  made: number;
}

describe('the archive of ratings', () => {
  let world: World;
  let store: ReportStore & AsyncDisposable;
  let archive: RatingArchive;

  /** Another process on the same store. */
  const open = (): RatingArchive => {
    const base = stage();
    const deps: typeof base = {
      ...base,
      readViewing: (window) => {
        world.made++;
        return stage({ sessions: world.sessions }).readViewing(window);
      },
      dataRevision: async ({ from, to }) => `${world.dataRevision} ${from} ${to}`,
      guide: {
        ...base.guide,
        listServices: async () => [
          { id: '01', name: 'One', provider: world.owner },
          { id: '02', name: 'Two', provider: 'other' },
        ],
        listProgrammes: async ({ from, to }) => world.programmes.filter((one) => one.startAt < to && one.stopAt > from),
        revision: async () => world.revision,
      },
      clock: () => world.now,
      rules: { ...DEFAULT_RULES, suppressBelow: world.suppressBelow },
    };
    return createRatingArchive({ ...deps, ratings: createRatings(deps), store });
  };

  beforeEach(() => {
    const opened = openSqliteStore(':memory:');
    store = { ...opened.ratingReports, [Symbol.asyncDispose]: async () => opened.close() };
    world = {
      ...{ sessions: fixture.sessions, programmes: fixture.programmes, dataRevision: 'd1', revision: '7' },
      ...{ owner: 'acme', suppressBelow: 0, now: MADE_AT, made: 0 },
    };
    archive = open();
  });
  afterEach(() => store[Symbol.asyncDispose]());

  it('R5, R18: a report is made once, and served the same to the byte, by any process', async () => {
    const first = await archive.rate(asked);
    expect(first.criteria).to.include({ revision: 1, status: 'preliminary' });
    world.now += 3_600_000;
    const texts = [first, await archive.rate(asked), await open().rate(asked), await open().find(asked, 1)].map(
      writeRatingReportCsv,
    );
    expect(new Set(texts).size).to.equal(1);
    expect(world.made).to.equal(1);
  });

  it('R6: late viewing that changes no figure confirms the report, which is then served again', async () => {
    const first = await archive.rate(asked);
    world.dataRevision = 'd2';
    world.sessions = [...fixture.sessions, { ...late, endedAt: late.startedAt + 20_000 }]; // surfing
    expect(await archive.rate(asked)).to.deep.equal(first);
    expect(world.made).to.equal(2);
    expect(await archive.rate(asked)).to.deep.equal(first);
    expect(world.made).to.equal(2);
    expect(await problemCode(archive.find(asked, 2))).to.equal('not_found');
  });

  it('R6: late viewing that changes one makes the next revision, and the difference says which', async () => {
    const first = await archive.rate(asked);
    world.dataRevision = 'd2';
    world.sessions = [...fixture.sessions, late];
    const second = await archive.rate(asked);
    expect(second.criteria).to.include({ revision: 2, status: 'preliminary' });
    expect(second.criteria.hash).to.not.equal(first.criteria.hash);
    const differences = differenceOf(await archive.find(asked, 1), await archive.find(asked, 2));
    expect(differences.map(({ change, key }) => [change, key.programme])).to.deep.equal([
      ['changed', '011'],
      ['changed', undefined], // the total
    ]);
    expect(differences[0]?.fields).to.deep.include({ name: 'viewerSeconds', before: 13_200, after: 13_800 });
  });

  it('R6: a corrected schedule makes anew what it touches and nothing else', async () => {
    const early = { ...asked, from: asked.from - 3_600_000, to: asked.from, by: readBreakdown('service') };
    await archive.rate(asked);
    await archive.rate(early);
    world.revision = '8';
    world.programmes = fixture.programmes.map((one) => (one.id === '021' ? { ...one, title: 'Corrected' } : one));
    world.made = 0;
    expect(await archive.refresh()).to.equal(2);
    expect(world.made).to.equal(1);
    expect((await archive.rate(asked)).criteria).to.include({ revision: 2, guideRevision: '8' });
    expect((await archive.rate(early)).criteria).to.include({ revision: 1, guideRevision: '7' });
  });

  it('R6: becomes final as a revision of its own, and stays whatever changes after', async () => {
    await archive.rate(asked);
    world.now = asked.to + 8 * DAY_MS - 1;
    expect((await archive.rate(asked)).criteria).to.include({ revision: 1 });
    world.now += 1;
    expect(await archive.refresh()).to.equal(1);
    const final = await archive.rate(asked);
    expect(final.criteria).to.include({ revision: 2, status: 'final' });
    world.dataRevision = 'd2';
    world.revision = '9';
    world.sessions = [];
    world.programmes = [];
    expect(await archive.rate(asked)).to.deep.equal(final);
    expect(await open().rate(asked)).to.deep.equal(final);
    expect(await archive.refresh()).to.equal(0);
  });

  it('R6: a window that is not over is never kept', async () => {
    world.now = asked.to - 1;
    const { criteria } = await archive.rate(asked);
    expect(criteria).to.include({ status: 'live' });
    expect(criteria).to.not.have.property('revision');
    expect(await archive.refresh()).to.equal(0);
    expect(await problemCode(archive.find(asked, 1))).to.equal('not_found');
  });

  it('R6: two processes that make one revision at once serve the same', async () => {
    const both = await Promise.all([archive, open(), open()].map((one) => one.rate(asked)));
    expect(new Set(both.map(writeRatingReportCsv)).size).to.equal(1);
    world.dataRevision = 'd2';
    world.sessions = [...fixture.sessions, late];
    const again = await Promise.all([archive, open()].map((one) => one.rate(asked)));
    expect(again.map(({ criteria }) => criteria.revision)).to.deep.equal([2, 2]);
    expect(new Set(again.map(writeRatingReportCsv)).size).to.equal(1);
    expect(await problemCode(archive.find(asked, 3))).to.equal('not_found');
  });

  it('R6: what can no longer be made keeps nothing else from being refreshed', async () => {
    const own = { ...asked, provider: 'acme', services: ['01'] };
    const others = [60, 120, 300].map((kSeconds) => ({ ...asked, reach: { ...asked.reach, kSeconds } }));
    for (const one of [own, ...others]) await archive.rate(one);
    world.owner = 'other';
    world.revision = '8';
    world.dataRevision = 'd2';
    world.sessions = [...fixture.sessions, late];
    expect(await archive.refresh()).to.equal(4);
    for (const one of others) expect((await archive.find(one, 2)).criteria.revision).to.equal(2);
    expect((await archive.find(own, 1)).criteria.revision).to.equal(1);
  });

  it('R6, R15: a refresh that is broken off is taken up again, and comes to the same', async () => {
    const all = [60, 120, 300].map((kSeconds) => ({ ...asked, reach: { ...asked.reach, kSeconds } }));
    for (const one of all) await archive.rate(one);
    world.dataRevision = 'd2';
    world.sessions = [...fixture.sessions, late];
    const abort = new AbortController();
    const broken = archive.refresh(abort.signal);
    abort.abort();
    expect(await broken).to.be.below(3);
    expect(await archive.refresh()).to.equal(3);
    for (const one of all) expect((await archive.rate(one)).criteria.revision).to.equal(2);
  });

  it('O2: when its viewing is no longer kept a report stays as it was made, and a new one is refused', async () => {
    const first = await archive.rate(asked);
    world.now = asked.from + 30 * DAY_MS + 1;
    world.sessions = [];
    world.dataRevision = 'gone';
    expect(await archive.rate(asked)).to.deep.equal(first);
    expect(await archive.refresh()).to.equal(1);
    expect(await problemCode(archive.find(asked, 2))).to.equal('not_found');
    expect(await problemCode(archive.rate({ ...asked, base: 'minute' }))).to.equal('gone');
  });

  it('R14: a provider’s report is made anew when something else of its day changes what may be shown', async () => {
    world.suppressBelow = 2;
    archive = open();
    const morning = { ...asked, from: Date.parse('2007-08-09T10:15:00Z'), to: Date.parse('2007-08-09T11:15:00Z') };
    const own = { ...morning, by: readBreakdown('service'), provider: 'acme' };
    await archive.rate(own);
    world.revision = '8';
    world.programmes = [
      ...fixture.programmes,
      { ...(fixture.programmes[0] as GuideProgramme), id: 'eve', startAt: asked.to, stopAt: asked.to + 3_600_000 },
    ];
    world.made = 0;
    await archive.rate(own);
    expect(world.made).to.equal(1);
    await archive.rate(own);
    expect(world.made).to.equal(1);
  });

  it('R6: without a programme in the guide there is a report all the same', async () => {
    world.programmes = [];
    const { items, total } = await archive.rate(asked);
    expect(items).to.deep.equal([]);
    expect(total).to.include({ viewerSeconds: 15_000 });
    expect((await archive.rate(asked)).criteria.revision).to.equal(1);
    expect(world.made).to.equal(1);
  });
});
