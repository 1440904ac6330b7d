// Stored rating reports for the suites of stores.

import type { StoredReport } from '../../reports/ratings/report-store.ts';

export const ratingReport = (asked: string, revision: number, changes: Partial<StoredReport> = {}): StoredReport => ({
  ...{ asked, revision, hash: `${asked}${revision}`, status: 'preliminary', to: 1_000, madeAt: 2_000 },
  ...{ schedule: 's', dataRevision: 'd', criteria: `{"a":"${asked}"}`, content: `c${revision}` },
  ...changes,
});
