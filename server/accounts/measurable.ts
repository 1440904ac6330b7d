// Whom the consent policy lets measure, as a question to the store (O2).

import type { ConsentPolicy } from './account.ts';
import type { AccountFilter } from './account-store.ts';

/** The accounts that `mayMeasure` lets through. */
export const filterOfMeasurable = ({ requiredVersion }: ConsentPolicy): AccountFilter => ({
  role: 'handset',
  enabled: true,
  notWithdrawn: true,
  ...(requiredVersion === undefined ? {} : { consentVersion: requiredVersion }),
});
