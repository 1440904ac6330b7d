// What staff's passwords cost where a test is not about that: next to nothing, as worlds of accounts are made by the dozen.

import type { PasswordCost } from '../../server/accounts/secrets.ts';

export const CHEAP: PasswordCost = { N: 16, r: 1, p: 1 };
