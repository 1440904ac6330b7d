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

  it('R9, V9: tells what each device is counted at, from when it is verified until it is gone', () => {
    const online = createOnline(5 * MINUTE_MS);
    const told: unknown[] = [];
    online.tellCounted((viewer, before, after) => told.push([viewer, before?.service, after?.service, after?.access]));
    const apply = (one: typeof watched): void => online.apply(one, at(one));
    apply(report('in', 1, '01', 'a', { verified: false, access: 'unicast' }));
    expect(told.splice(0)).to.deep.equal([]);
    apply(report('in', 2, '01', 'a'));
    apply(report('in', 3, '01', 'a'));
    expect(told.splice(0)).to.deep.equal([[70, undefined, '01', 'unicast']]);
    apply(report('in', 4, '02', '', { access: 'broadcast' }));
    apply(report('out', 5, '02', '', { onlineState: 'online' }));
    apply(report('out', 6, '02'));
    expect(told.splice(0)).to.deep.equal([
      [70, '01', '02', 'broadcast'],
      [70, '02', undefined, undefined],
    ]);
    apply(report('in', 7, '03', '', { verified: false }));
    online.removeViewer(70);
    expect(told.splice(0), 'who is gone has to prove itself anew').to.deep.equal([]);
    apply(report('in', 8, '03'));
    online.sweep(at(report('in', 13, '03')));
    expect(told.splice(0)).to.deep.equal([[70, undefined, '03', undefined]]);
    online.sweep(at(report('in', 13, '03')) + 1);
    expect(told).to.deep.equal([[70, '03', undefined, undefined]]);
  });
});
