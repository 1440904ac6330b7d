// The use case of rating figures: a citable report (ratings R1-R5, R14).

import { breakdownText, type Content, isOfProgrammes } from '../breakdown/breakdown.ts';
import type { GuideProgramme } from '../breakdown/broadcasts.ts';
import { figuresOfFew } from '../disclosure/few-people.ts';
import { joinSmallGroups } from '../disclosure/small-groups.ts';
import { MINUTE_FLOOR_S } from '../figures/minute-base.ts';
import type { Span } from '../figures/spans.ts';
import {
  createMeasurement,
  type Ground,
  type Measurement,
  type MeasurementDeps,
  type TallyAsked,
} from './measurement.ts';
import { createProgrammeCheck } from './programme-check.ts';
import type { RatingCriteria } from './rating-criteria.ts';
import { hashOf, type RatingReport, type ReportHeader, rounded } from './rating-report.ts';
import { type MeasuredRow, type RowRules, rowsOf, shownRow, statusOf } from './rating-rows.ts';
import { belowOf, disclosureOf, listedServices, reportTargets, wholeDays } from './report-targets.ts';
import { DECIMALS, type RatingRules, RULES_REVISION } from './rules.ts';

export interface RatingsDeps extends Omit<MeasurementDeps, 'dwellMs'> {
  rules: RatingRules;
}

export interface Ratings {
  /** Problem `invalid` for a bad window, `gone` for an old one, `forbidden` for another provider's service, `too_large` for too many rows. */
  rate(criteria: RatingCriteria): Promise<RatingReport>;
}

export function createRatings(deps: RatingsDeps): Ratings {
  const { rules, guide } = deps;
  const measurement: Measurement = createMeasurement({ ...deps, dwellMs: rules.dwellS * 1000 });

  return {
    async rate(criteria) {
      const { by, provider } = criteria;
      const below = belowOf(provider, rules);
      const showsMarket = provider === undefined || rules.marketTotals;
      const people = by.people === undefined ? {} : { people: by.people };
      const asked = { ...criteria, ...people, isInQuarterHours: below > 0 };
      const ground = await measurement.prepare(asked);
      if (below > 0 && ground.segmentation !== undefined) {
        ground.segmentation = joinSmallGroups(ground.segmentation, below);
      }
      const { window, services } = ground;
      const listed = listedServices(criteria, services);
      const programmes = await programmesOf(by.content, below > 0, wholeDays(window, rules));
      const targets = reportTargets(criteria, window, listed, { services, programmes }, rules);
      const counted = new Set(targets.rows.flatMap(({ target }) => target.lanes.map(({ service }) => service)));
      const isCompared = isOfProgrammes(by.content);
      const check = createProgrammeCheck(
        { from: criteria.from, through: ground.through },
        programmes.filter(({ service }) => counted.has(service)),
      );
      const main: TallyAsked = {
        targets: targets.rows.map(({ target }) => target),
        ...(targets.admit === undefined ? {} : { admit: targets.admit }),
      };
      const control = below === 0 ? undefined : disclosureOf(criteria, window, listed ?? [], programmes, rules);
      const controlled = control === undefined ? [] : [control.tally];
      const [tally, blocks] = await measurement.run(asked, ground, [main, ...controlled], (...batch) => {
        if (isCompared) check.see(...batch);
      });
      const measured = tally?.finish();
      if (measured === undefined) throw new Error('no tally was made');
      const isShown = control?.judge(blocks) ?? (() => true);

      const rowRules: RowRules = {
        ...(by.people === undefined ? {} : { people: by.people }),
        names: ground.segmentation?.names ?? [],
        universe: ground.universe,
        showsMarket,
      };
      const few = { below, greatestWeight: measured.greatestWeight };
      const items = measured.rows.flatMap((row, place) => {
        const target = targets.rows[place];
        if (target === undefined) return [];
        const isRowShown = isShown(target.target);
        return rowsOf(target, row, rowRules).map((one) => shownRow(withoutFew(one, few), isRowShown, rowRules));
      });
      const header = headerOf(criteria, ground, {
        below,
        ground: measured.ground,
        programmes: isCompared ? check.counts : {},
      });
      if (!showsMarket) return { criteria: header, items };
      const whole: MeasuredRow = {
        row: { measuredSeconds: measured.total.measuredS, ofSeconds: window.to - window.from },
        figures: measured.total,
      };
      const total = shownRow(withoutFew(whole, few), measured.total.viewers >= below, {
        ...rowRules,
        showsMarket: true,
      });
      return { criteria: header, items, total };
    },
  };

  async function programmesOf(content: Content, isControlled: boolean, span: Span): Promise<GuideProgramme[]> {
    if (!isControlled && !isOfProgrammes(content)) return [];
    return await guide.listProgrammes({ from: span.from * 1000, to: span.to * 1000 });
  }

  function headerOf(
    criteria: RatingCriteria,
    ground: Ground,
    made: {
      below: number;
      ground: { viewers: number; sessions: number; seconds: number; imputedSeconds: number };
      programmes: Partial<ReportHeader>;
    },
  ): ReportHeader {
    const { reach, services, by, ...asked } = criteria;
    const { seconds, imputedSeconds, sessions, viewers } = made.ground;
    const { guideRevision, dataRevision, universe } = ground;
    return {
      ...asked,
      by: breakdownText(by),
      ...(services === undefined ? {} : { services: services.join(' ') }),
      through: ground.through,
      basis: rules.basis,
      reachSeconds: reach.kSeconds,
      reachKind: reach.kind,
      dwellSeconds: rules.dwellS,
      zone: rules.zone,
      dayStartHour: rules.dayStartHour,
      universe: rounded(universe.weight),
      ...(rules.basis === 'census' ? {} : { effectiveSample: rounded(universe.effectiveSize) }),
      status: statusOf(criteria.to, ground.now, rules.finalAfterMs),
      guideRevision,
      dataRevision,
      rulesRevision: RULES_REVISION,
      suppressBelow: made.below,
      ...(viewers < made.below
        ? {}
        : {
            sessions,
            imputedPercent: rounded(seconds === 0 ? 0 : (100 * imputedSeconds) / seconds),
            ...made.programmes,
          }),
      madeAt: ground.now,
      hash: hashOf({ criteria: criteriaOf(criteria, rules), guideRevision, dataRevision, universe }),
    };
  }
}

/** All that figures depend on but the data: two reports of the same are revisions of one (R5, R6). */
export function criteriaOf(criteria: RatingCriteria, rules: RatingRules): object {
  const { finalAfterMs: _, ...rest } = rules; // when a report is final changes none of its figures
  return {
    ...criteria,
    rules: { ...rest, minuteFloorS: MINUTE_FLOOR_S, decimals: DECIMALS, revision: RULES_REVISION },
  };
}

function withoutFew(row: MeasuredRow, few: { below: number; greatestWeight: number }): MeasuredRow {
  return few.below === 0 ? row : { ...row, figures: figuresOfFew(row.figures, few) };
}
