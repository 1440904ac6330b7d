// The live audience against a model that looks at every second, and by hand (R9).

import { expect } from 'chai';
import fc from 'fast-check';
import { createLiveMinutes, LIVE_MINUTES, type LiveView } from '../../../../reports/live/live-minutes.ts';
import type { Watching } from '../../../../server/viewing/online.ts';

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 10, 20, 18);

const at = (service: string, programme = '', access?: 'broadcast' | 'unicast'): Watching => ({
  service,
  programme,
  since: 0,
  ...(access === undefined ? {} : { access }),
});

describe('live minutes', () => {
  let now: number;
  const stage = () => {
    now = START;
    return createLiveMinutes(() => now);
  };
  const audiences = ({ services, all }: LiveView): unknown => [
    Object.fromEntries([...services].map(([service, { audience }]) => [service, audience])),
    all.audience,
  ];

  it('R9: counts users, not devices, by service, programme and in all; devices by the way their streams come', () => {
    const live = stage();
    live.move(1, undefined, at('01', 'a', 'unicast'));
    live.move(1, undefined, at('01', 'b', 'broadcast')); // a second device
    live.move(1, undefined, at('02'));
    live.move(2, undefined, at('02', 'c'));
    expect(audiences(live.view())).to.deep.equal([{ '01': 1, '02': 2 }, 2]);
    expect(live.view().services.get('01')?.devices).to.deep.equal({ broadcast: 1, unicast: 1, unknown: 0 });
    live.move(1, at('01', 'b', 'broadcast'), at('02', 'c'));
    live.move(1, at('01', 'a', 'unicast'), undefined);
    const view = live.view();
    expect(audiences(view)).to.deep.equal([{ '01': 0, '02': 2 }, 2]);
    expect(
      view.programmes.map(({ service, programme, lane }) => [service, programme, lane.audience, lane.devices.unknown]),
    ).to.deep.equal([
      ['01', 'a', 0, 0],
      ['01', 'b', 0, 0],
      ['02', 'c', 2, 2],
    ]);
  });

  it('R9: the average audience of whole minutes, none before the start, thirty at most', () => {
    const live = stage();
    now += 30_000;
    live.move(1, undefined, at('01'));
    now += 45_000;
    live.move(2, undefined, at('01'));
    expect(live.view().minutes).to.deep.equal([START]);
    expect(live.view().services.get('01')?.byMinute).to.deep.equal([0.5]);
    now = START + 3 * MINUTE_MS;
    expect(live.view().services.get('01')?.byMinute).to.deep.equal([0.5, 1.75, 2]);
    now = START + 3 * 3_600_000;
    const { minutes, services } = live.view();
    expect(minutes).to.have.length(LIVE_MINUTES);
    expect(minutes.at(-1)).to.equal(now - MINUTE_MS);
    expect(new Set(services.get('01')?.byMinute)).to.deep.equal(new Set([2]));
  });

  it('R9: a process that starts within a minute does not tell of that minute', () => {
    now = START + 1;
    const live = createLiveMinutes(() => now);
    now = START + 2 * MINUTE_MS;
    expect(live.view().minutes).to.deep.equal([START + MINUTE_MS]);
  });

  it('R9: what nobody watches any more is forgotten after its minutes', () => {
    const live = stage();
    live.move(1, undefined, at('01', 'a'));
    live.move(1, at('01', 'a'), undefined);
    now += 31 * MINUTE_MS;
    expect(live.view().services.size).to.equal(1);
    now += 1;
    const { services, programmes } = live.view();
    expect([services.size, programmes.length]).to.deep.equal([0, 0]);
  });

  it('O5: names without number do not fill the memory, and who left uncounted takes nobody along', () => {
    const live = stage();
    for (let name = 0; name < 25_000; name++) live.move(name, undefined, at(`s${name}`));
    expect(live.view().services.size).to.equal(20_000);
    live.move(24_999, at('s24999'), at('s1'));
    live.move(24_999, at('s24999'), undefined);
    expect([live.view().services.get('s1')?.audience, live.view().all.audience]).to.deep.equal([2, 24_999]);
  });

  it('R9: a clock that is set back begins anew, and the audience stays', () => {
    const live = stage();
    now += 10 * MINUTE_MS;
    live.move(1, undefined, at('01'));
    now = START + MINUTE_MS;
    expect(live.view().minutes).to.deep.equal([]);
    now += 2 * MINUTE_MS;
    expect(live.view().services.get('01')).to.deep.include({ audience: 1, byMinute: [1, 1] });
  });

  it('R9: is what a model that looks at every second counts', () => {
    const step = fc.record({
      afterS: fc.nat(200),
      device: fc.nat(5),
      service: fc.constantFrom(undefined, '01', '02', '03'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const live = stage();
        /** The services that devices were on from each second on; two devices are one user's. */
        const devices: (Watching | undefined)[] = Array(6).fill(undefined);
        const seconds: (string | undefined)[][] = [];
        const pass = (toS: number): void => {
          while (seconds.length < toS) seconds.push(devices.map((watching) => watching?.service));
        };
        let atS = 0;
        for (const { afterS, device, service } of steps) {
          atS += afterS;
          pass(atS);
          now = START + atS * 1_000;
          const next = service === undefined ? undefined : at(service);
          live.move(Math.floor(device / 2), devices[device], next);
          devices[device] = next;
        }
        const usersOn = (second: (string | undefined)[], service: string): number =>
          [0, 1, 2].filter((user) => second[2 * user] === service || second[2 * user + 1] === service).length;
        const { minutes, services } = live.view();
        const firstMinute = Math.floor(atS / 60) - minutes.length;
        expect(minutes.length).to.equal(Math.min(LIVE_MINUTES, Math.floor(atS / 60)));
        for (const service of ['01', '02', '03']) {
          const lane = services.get(service);
          expect(lane?.audience ?? 0).to.equal(
            usersOn(
              devices.map((watching) => watching?.service),
              service,
            ),
          );
          const expected = minutes.map((_, index) => {
            const start = (firstMinute + index) * 60;
            return seconds.slice(start, start + 60).reduce((sum, second) => sum + usersOn(second, service), 0) / 60;
          });
          const counted = lane?.byMinute ?? expected.map(() => 0);
          for (const [index, average] of expected.entries()) expect(counted[index]).to.be.closeTo(average, 1e-9);
        }
      }),
    );
  });
});
