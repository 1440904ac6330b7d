// The port to the days' reports on data quality: they outlive what they were made of (ratings R16; O2).

import type { DayQuality } from './day-quality.ts';

export interface QualityStore {
  /** Keeps the report of a day, durably when it resolves; a former one of that date is replaced. */
  put(quality: DayQuality): Promise<void>;
  /** By date, YYYY-MM-DD. */
  find(date: string): Promise<DayQuality | undefined>;
  /** The greatest date of which one is kept. */
  findLastDate(): Promise<string | undefined>;
  /** Removes those of dates before `date`. Answers how many. */
  removeBefore(date: string): Promise<number>;
}
