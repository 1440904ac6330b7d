// The marks "needs update" of a report's answer (V5, claim 4).

import { expect } from 'chai';
import type { Audience, EventKind, PushEvent } from '../../../server/push/event.ts';
import { createUpdateMarks, type Reporter } from '../../../server/push/update-marks.ts';

const NOTHING = { key: false, interaction: false, guide: false };

describe('update marks', () => {
  let acknowledged: number | undefined;
  let delivered: number;
  let now: number;
  let asked: number;
  let offset: number;
  let marks: ReturnType<typeof createUpdateMarks>;
  beforeEach(() => {
    [acknowledged, delivered, now, asked, offset] = [undefined, 0, 1_000, 0, 0];
    marks = createUpdateMarks({
      cursors: {
        find: () => {
          asked += 1;
          return asked === 1 ? Promise.resolve(acknowledged) : acknowledged; // read the first time, known then
        },
      },
      deliveredThrough: () => delivered,
      isEntitled: async (viewer, service) => viewer === 1 && service === 'paid',
      guideVersion: () => 7,
      clock: () => now,
    });
  });
  const note = (kind: EventKind, audience: Audience, watching: number[] = [], validUntil?: number): void => {
    offset += 1;
    const event: PushEvent = { kind, audience, content: {}, key: String(offset), at: now, offset };
    marks.note(validUntil === undefined ? event : { ...event, validUntil }, watching);
  };
  const of = (more: Partial<Reporter> = {}) =>
    marks.of({ viewer: 1, device: 10, service: '01', programme: '11', ...more });

  it('V5: nothing stored, nothing marked, nothing read', () => {
    note('message', { viewer: 2 });
    note('guide-changed', { nobody: true });
    expect(of()).to.deep.equal(NOTHING);
    expect(asked).to.equal(0);
  });

  it('V5: each kind of event has one of three marks', async () => {
    for (const [kind, mark] of Object.entries({
      'guide-changed': 'guide',
      'subscription-changed': 'key',
      'key-needs-update': 'key',
      interaction: 'interaction',
      results: 'interaction',
      survey: 'interaction',
      message: 'interaction',
    })) {
      acknowledged = offset;
      note(kind as EventKind, { all: true });
      expect(await of(), kind).to.deep.equal({ ...NOTHING, [mark]: true });
    }
  });

  it('V5: for whom: the user, the device, what is watched, subscribers', async () => {
    const cases: [Audience, Partial<Reporter>, boolean][] = [
      [{ viewer: 1 }, {}, true],
      [{ viewer: 2 }, {}, false],
      [{ device: 10 }, {}, true],
      [{ device: 11 }, {}, false],
      [{ devices: [11, 10] }, {}, true],
      [{ devices: [11] }, {}, false],
      [{ service: '01' }, {}, true],
      [{ service: '01' }, { service: '', programme: '' }, false],
      [{ service: '02' }, {}, false],
      [{ service: '01', programme: '11' }, {}, true],
      [{ service: '01', programme: '12' }, {}, false],
      [{ subscribersOf: 'paid' }, {}, true],
      [{ subscribersOf: 'paid' }, { viewer: 2 }, false],
    ];
    for (const [audience, more, interaction] of cases) {
      acknowledged = offset;
      note('message', audience);
      expect(await of(more), JSON.stringify([audience, more])).to.deep.equal({ ...NOTHING, interaction });
    }
  });

  it('V5: who watched and has switched since is marked all the same', async () => {
    note('message', { service: '01' }, [10]);
    expect(await of({ service: '02', programme: '' })).to.deep.equal({ ...NOTHING, interaction: true });
    expect(await of({ service: '02', programme: '', device: 11 })).to.deep.equal(NOTHING);
  });

  it('V5: what is acknowledged, delivered on a stream, or past is not marked', async () => {
    note('message', { all: true }, [], 2_000);
    note('key-needs-update', { viewer: 1 });
    expect(await of()).to.deep.equal({ ...NOTHING, key: true, interaction: true });
    acknowledged = 1;
    expect(await of()).to.deep.equal({ ...NOTHING, key: true });
    acknowledged = undefined;
    delivered = 1;
    expect(await of()).to.deep.equal({ ...NOTHING, key: true });
    [delivered, now] = [0, 2_000];
    expect(await of()).to.deep.equal({ ...NOTHING, key: true });
    delivered = 2;
    expect(await of()).to.deep.equal(NOTHING);
  });

  it('V5: the version of the guide that a handset says it holds goes before what it was told', async () => {
    note('guide-changed', { all: true });
    expect(await of()).to.include({ guide: true });
    expect(await of({ guideVersion: 6 })).to.include({ guide: true });
    expect(await of({ guideVersion: 7 })).to.include({ guide: false });
    acknowledged = offset;
    expect(await of({ guideVersion: 6 })).to.include({ guide: true });
  });

  it('O2: what was for an erased user is forgotten', async () => {
    note('message', { viewer: 1 });
    note('message', { device: 10 });
    marks.forget(1, [10]);
    expect(await of()).to.deep.equal(NOTHING);
  });
});
