// The feed for networks: ranks, trends, and the same in XML (R8, R17).

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import type { LaneView, LiveView } from '../../../../reports/live/live-minutes.ts';
import { resourceFeed, trendOf } from '../../../../reports/resources/resource-feed.ts';
import { writeResourceFeedXml } from '../../../../reports/resources/resource-feed-xml.ts';
import { createResources } from '../../../../reports/resources/resources.ts';

const HOUR_MS = 3_600_000;
const DEVICES = { broadcast: 1, unicast: 2, unknown: 3 };
const lane = (audience: number, byMinute: number[] = []): LaneView => ({ audience, devices: DEVICES, byMinute });
const view = (services: Record<string, LaneView>, programmes: LiveView['programmes'] = []): LiveView => ({
  at: 10 * HOUR_MS,
  minutes: [],
  services: new Map(Object.entries(services)),
  programmes,
  all: lane(0),
});
const ON_AIR = [
  {
    id: '01',
    name: 'One',
    provider: 'p',
    now: { id: 'a', title: 'A' },
    next: { id: 'b', title: 'B <&', startAt: 11 * HOUR_MS },
  },
  { id: '02', name: 'Two', provider: 'p' },
];
const HOURS = { from: 7 * HOUR_MS, to: 10 * HOUR_MS };
const drawn = (service: string, viewerSeconds: number, more: object = {}) => ({
  service,
  serviceName: `S${service}`,
  viewerSeconds,
  people: 1,
  ...more,
});
const minutes = (...parts: number[]): number[] => parts.flatMap((audience) => Array(5).fill(audience));

describe('resource feed', () => {
  it('R17: a trend needs a tenth and five people, and fifteen minutes', () => {
    const trend = (...parts: number[]): string => trendOf(minutes(...parts)).trend;
    expect(trend(100, 0, 110)).to.equal('rising');
    expect(trend(100, 0, 109.9)).to.equal('steady');
    expect(trend(100, 500, 90)).to.equal('falling');
    expect([trend(0, 0, 5), trend(0, 0, 4.9), trend(9, 9, 4)]).to.deep.equal(['rising', 'steady', 'falling']);
    expect(trendOf(minutes(1, 2, 3).slice(1))).to.deep.equal({ trend: 'unknown' });
    expect(trendOf([1_000, ...minutes(1, 2, 3.456)])).to.deep.equal({
      trend: 'steady',
      formerAudience: 1,
      recentAudience: 3.46,
    });
  });

  it('R8, R17: ranks by people now and by time in the hours, ties on one rank, services first', () => {
    const programmes = [
      { service: '01', programme: 'a', lane: lane(4) },
      { service: '03', programme: 'z', lane: lane(0) },
    ];
    const hours = {
      ...HOURS,
      drawn: [drawn('02', 900), drawn('04', 900), drawn('01', 100), drawn('02', 50, { programme: 'y', title: 'Y' })],
    };
    const { entries } = resourceFeed(
      view({ '01': lane(4, minutes(9, 0, 0)), '02': lane(4), '03': lane(1) }, programmes),
      ON_AIR,
      hours,
      9,
    );
    expect(
      entries.map(({ of, service, programme, title, serviceName, rankNow, rankHours }) =>
        [of, service, programme, title, serviceName, rankNow, rankHours].join(' '),
      ),
    ).to.deep.equal([
      'service 02   Two 1 1',
      'service 01   One 1 3',
      'service 03   Unknown 3 ',
      'service 04   S04  1',
      'programme 01 a A One 1 ',
      'programme 02 y Y Two  1',
    ]);
    expect(entries[1]).to.deep.equal({
      of: 'service',
      rankNow: 1,
      rankHours: 3,
      service: '01',
      serviceName: 'One',
      audience: 4,
      devices: DEVICES,
      trend: 'falling',
      formerAudience: 9,
      recentAudience: 0,
      viewerSeconds: 100,
      people: 1,
      next: { programme: 'b', title: 'B <&', startAt: 11 * HOUR_MS },
    });
  });

  it('R17: whoever has one rank up to the limit is listed, and nobody else', () => {
    const audience = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.tuple(fc.nat(3), fc.nat(3)));
    fc.assert(
      fc.property(audience, fc.integer({ min: 1, max: 5 }), (services, limit) => {
        const all = Object.entries(services);
        const hours = { ...HOURS, drawn: all.map(([service, [, seconds]]) => drawn(service, seconds)) };
        const lanes = Object.fromEntries(all.map(([service, [people]]) => [service, lane(people)]));
        const listed = resourceFeed(view(lanes), [], hours, limit).entries.map(({ service }) => service);
        const rankOf = (of: number, place: 0 | 1): number =>
          of === 0 ? Number.POSITIVE_INFINITY : 1 + all.filter(([, pair]) => pair[place] > of).length;
        expect(listed).to.have.members(
          all
            .filter(([, [people, seconds]]) => Math.min(rankOf(people, 0), rankOf(seconds, 1)) <= limit)
            .map(([service]) => service),
        );
      }),
    );
  });

  it('R17: XML says the same, and is valid', () => {
    const programmes = [{ service: '01', programme: 'a"', lane: lane(4) }];
    const hours = { ...HOURS, drawn: [drawn('01', 0.5)] };
    const feed = resourceFeed(view({ '01': lane(4, minutes(9, 0, 0)) }, programmes), ON_AIR, hours, 9);
    const xml = writeResourceFeedXml(feed);
    const schema = XmlDocument.fromBuffer(readFileSync('schemas/ResourceFeed.xsd'));
    const validator = XsdValidator.fromDoc(schema);
    const document = XmlDocument.fromString(xml);
    validator.validate(document);
    const broken = XmlDocument.fromString(xml.replace('trend="falling"', 'trend="up"'));
    expect(() => validator.validate(broken)).to.throw(/up/);
    for (const owned of [broken, document, validator, schema]) owned.dispose();
    const { ResourceFeed } = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(xml);
    expect(ResourceFeed).to.include({ at: '1970-01-01T10:00:00.000Z', hoursFrom: '1970-01-01T07:00:00.000Z' });
    expect(ResourceFeed.Service).to.deep.equal({
      rankNow: '1',
      rankHours: '1',
      service: '01',
      serviceName: 'One',
      audience: '4',
      broadcast: '1',
      unicast: '2',
      unknown: '3',
      trend: 'falling',
      formerAudience: '9',
      recentAudience: '0',
      viewerSeconds: '0.5',
      people: '1',
      Next: { programme: 'b', title: 'B <&', startAt: '1970-01-01T11:00:00.000Z' },
    });
    expect(ResourceFeed.Programme.programme).to.equal('a"');
  });

  it('R17: the finished hours are read once an hour, and those of the hour before serve meanwhile and in need', async () => {
    const clock = { now: 10 * HOUR_MS + 5 };
    const asked: string[] = [];
    let isAway = false;
    const resources = createResources({
      live: { view: () => view({}) },
      listOnAir: async () => [],
      async listDrawn({ from, to, of }) {
        asked.push(`${of} ${from / HOUR_MS} ${to / HOUR_MS}`);
        if (isAway) throw new Error('away');
        return of === 'service' ? [drawn('01', to)] : [];
      },
      clock: () => clock.now,
    });
    const hoursTo = async (): Promise<number> => (await resources.feed(9)).hours.to / HOUR_MS;
    expect(await Promise.all([hoursTo(), hoursTo()])).to.deep.equal([10, 10]);
    expect(asked.splice(0)).to.deep.equal(['service 7 10', 'programme 7 10']);
    clock.now += HOUR_MS;
    isAway = true;
    expect(await hoursTo()).to.equal(10);
    await new Promise((resolve) => setImmediate(resolve));
    isAway = false;
    expect(await hoursTo()).to.equal(10);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await hoursTo()).to.equal(11);
    clock.now += 2 * HOUR_MS;
    expect(await hoursTo()).to.equal(13);
  });
});
