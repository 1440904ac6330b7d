// Whom an event concerns that comes back, by the state now and the sessions then (G13, G14).

import { expect } from 'chai';
import { createConcern, type Subject } from '../../../server/push/concern.ts';
import type { Audience, PushEvent } from '../../../server/push/event.ts';
import { createOnline } from '../../../server/viewing/online.ts';
import { report } from '../../support/reports.ts';

const NOW = report('in', 60, '').sentAt;
const at = (minute: number): number => report('in', minute, '').sentAt;

describe('concern', () => {
  const online = createOnline(24 * 3_600_000);
  online.apply(report('in', 50, '02', '21', { device: 8, viewer: 70 }), NOW);
  const asked: unknown[] = [];
  const concern = createConcern({
    online,
    listSessions: async (query) => {
      asked.push(query);
      // Device 7 watched 01/11 in minutes 10 to 20, device 8 watches 01/12 since minute 30.
      return [
        { device: 7, service: '01', programme: '11', startedAt: at(10), endedAt: at(20) },
        { device: 8, service: '01', programme: '12', startedAt: at(30) },
      ];
    },
    devicesOf: async () => [7, 8],
    isEntitled: async (viewer, service) => viewer === 70 && service === 'paid',
    clock: () => NOW,
  });
  let offset = 0;
  const event = (audience: Audience, minute = 15, more: Partial<PushEvent> = {}): PushEvent => {
    offset += 1;
    return { kind: 'message', audience, content: {}, key: String(offset), at: at(minute), offset, ...more };
  };
  const concerns = async (subject: Subject, one: PushEvent): Promise<boolean> =>
    (await concern.choose(subject, [one])).length === 1;
  const USER = { viewer: 70 };
  const [SEVEN, EIGHT, STRANGER] = [
    { viewer: 70, device: 7 },
    { viewer: 70, device: 8 },
    { viewer: 71, device: 9 },
  ];

  it('G13: all, a user, a device, subscribers, and nobody', async () => {
    const who = async (audience: Audience): Promise<boolean[]> =>
      Promise.all([USER, SEVEN, EIGHT, STRANGER].map((subject) => concerns(subject, event(audience))));
    expect(await who({ all: true })).to.deep.equal([true, true, true, true]);
    expect(await who({ viewer: 70 })).to.deep.equal([true, true, true, false]);
    expect(await who({ device: 8 })).to.deep.equal([true, false, true, false]);
    expect(await who({ device: 9 })).to.deep.equal([false, false, false, true]);
    expect(await who({ devices: [8, 9] })).to.deep.equal([true, false, true, true]);
    expect(await who({ devices: [] })).to.deep.equal([false, false, false, false]);
    expect(await who({ subscribersOf: 'paid' })).to.deep.equal([true, true, true, false]);
    expect(await who({ subscribersOf: 'other' })).to.deep.equal([false, false, false, false]);
    expect(await who({ nobody: true })).to.deep.equal([false, false, false, false]);
  });

  it('G13: who watched at its time, by half-open sessions, each device for itself', async () => {
    const minutes = [9, 10, 15, 20, 25];
    const of = (subject: Subject, audience: Audience): Promise<boolean[]> =>
      Promise.all(minutes.map((minute) => concerns(subject, event(audience, minute))));
    expect(await of(SEVEN, { service: '01' })).to.deep.equal([false, true, true, false, false]);
    expect(await of(USER, { service: '01' })).to.deep.equal([false, true, true, false, false]);
    expect(await of(EIGHT, { service: '01' })).to.deep.equal([false, false, false, false, false]);
    expect(await of(SEVEN, { service: '01', programme: '12' })).to.deep.equal([false, false, false, false, false]);
    expect(await concerns(EIGHT, event({ service: '01', programme: '12' }, 40))).to.equal(true);
  });

  it('G13: who began to watch after it came, where it says until when', async () => {
    const later = (audience: Audience): PushEvent => event(audience, 15, { validUntil: NOW + 1 });
    expect(await concerns(EIGHT, later({ service: '02' }))).to.equal(true);
    expect(await concerns(USER, later({ service: '02', programme: '21' }))).to.equal(true);
    expect(await concerns(EIGHT, later({ service: '02', programme: '22' }))).to.equal(false);
    expect(await concerns(SEVEN, later({ service: '02' }))).to.equal(false);
    expect(await concerns(EIGHT, event({ service: '02' }, 15))).to.equal(false);
    expect(await concerns(EIGHT, event({ service: '02' }, 50))).to.equal(true);
  });

  it('nothing is delivered once it is no longer valid', async () => {
    expect(await concerns(USER, event({ all: true }, 15, { validUntil: NOW + 1 }))).to.equal(true);
    for (const audience of [{ all: true }, { viewer: 70 }, { service: '02' }] as Audience[])
      expect(await concerns(USER, event(audience, 15, { validUntil: NOW }))).to.equal(false);
    expect(await concerns(USER, event({ viewer: 70 }, 15, { kind: 'account-closed' }))).to.equal(false);
  });

  it('keeps the order, and reads sessions once and only where they matter', async () => {
    asked.length = 0;
    const events = [
      event({ all: true }),
      event({ service: '01' }, 12),
      event({ viewer: 1 }),
      event({ service: '01' }, 15),
    ];
    const chosen = await concern.choose(SEVEN, events);
    expect(chosen.map((one) => events.indexOf(one))).to.deep.equal([0, 1, 3]);
    expect(asked).to.deep.equal([{ viewer: 70, services: ['01'], from: at(12), to: at(15) + 1, limit: 1_000 }]);
    asked.length = 0;
    await concern.choose(EIGHT, [event({ all: true }), event({ service: '02' }, 55)]);
    expect(asked).to.deep.equal([]);
  });

  it('G14: who leaves while the sessions are read is still told what was for it before', async () => {
    const present = createOnline(24 * 3_600_000);
    present.apply(report('in', 50, '02', '21', { device: 8, viewer: 70 }), NOW);
    const leaving = createConcern({
      online: present,
      async listSessions() {
        present.apply(report('out', 58, '02', '21', { device: 8, viewer: 70 }), NOW);
        return [];
      },
      ...{ devicesOf: async () => [8], isEntitled: async () => false, clock: () => NOW },
    });
    // The first is of a service that is not watched now: the sessions are read because of it.
    const events = [event({ service: '01' }, 55), event({ service: '02' }, 55)];
    expect(await leaving.choose(EIGHT, events)).to.deep.equal(events.slice(1));
  });
});
