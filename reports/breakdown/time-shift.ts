// Live and time-shifted viewing (ratings R3).

import type { Segmentation } from '../figures/target.ts';

/** R3: a handset that plays so far behind the broadcast is time-shifted; less is buffering, and silence is live. */
const TIME_SHIFTED_FROM_S = 120;

export const TIME_SHIFT: Segmentation = {
  names: ['live', 'time-shifted'],
  segmentOf: (_viewer, _device, timeShiftS) => (timeShiftS >= TIME_SHIFTED_FROM_S ? 1 : 0),
};
