// Who is online and who watches what, folded from reports (V15, V16).

import { expect } from 'chai';
import { createOnline } from '../../../server/viewing/online.ts';
import { report } from '../../support/reports.ts';

const MINUTE_MS = 60_000;

describe('the online list', () => {
  const watched = report('in', 1, '01', 'a');
  const beat = report('in', 3, '01', 'a');
  const at = ({ receivedAt }: typeof watched): number => receivedAt;

  it('V15, O4: reports that are read again, from any of them on, change nothing', () => {
    const online = createOnline(5 * MINUTE_MS);
    online.apply(watched, at(watched));
    online.apply({ ...beat, sentAt: beat.sentAt + 5 }, at(beat)); // a clock that is a little fast
    const before = { ...online.find(7) };
    expect(before.watching?.since).to.equal(watched.sentAt);
    for (const again of [[watched, beat], [beat], [watched]])
      for (const one of again) online.apply(one, at(one), at(beat) + 1_000);
    expect({ ...online.find(7) }).to.deep.equal(before);
  });

  it('V15: what comes after the clock was set back counts', () => {
    const online = createOnline(5 * MINUTE_MS);
    online.apply(beat, at(beat));
    online.apply(watched, at(watched));
    expect(online.find(7)?.since).to.equal(watched.sentAt);
  });
});
