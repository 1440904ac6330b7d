// Whatever texts a guide holds, what is written of it is valid: XML by its schema, XMLTV by its grammar, JSON (G4).

import { expect } from 'chai';
import fc from 'fast-check';
import { writeGuideJson } from '../../../sg/guide-json.ts';
import type { GuidePart } from '../../../sg/guide-view.ts';
import { createMarkClasses } from '../../../sg/mark-classes.ts';
import { DAY_MS, dayOf, type Programme } from '../../../sg/schedule.ts';
import { writeServiceGuideXml } from '../../../sg/service-guide-xml.ts';
import { isId } from '../../../sg/xmltv-entry.ts';
import { writeXmltv } from '../../../sg/xmltv-writing.ts';
import { validGuide, validXmltv } from '../../support/guide-documents.ts';

const START = Date.UTC(2026, 10, 20);
const { all: ALL } = createMarkClasses({ policy: 'none', sampleShare: 1, key: Buffer.alloc(32) });

const text = fc.string({ unit: 'binary', maxLength: 12 });
const texts = fc.dictionary(fc.oneof(fc.constantFrom('und', 'en', ''), text), text, { minKeys: 1, maxKeys: 3 });
const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter(isId);
const window = fc.nat(DAY_MS / 2).map((from) => ({ from: START + from, to: START + from + 1 }));

const service = fc.record(
  {
    id,
    names: texts,
    provider: text,
    order: fc.nat(),
    measured: fc.array(window, { maxLength: 2 }),
    genre: text,
    logo: text,
    zone: fc.constantFrom('Europe/Berlin', 'America/St_Johns'),
    dwellMs: fc.nat(DAY_MS),
  },
  { requiredKeys: ['id', 'names', 'provider', 'order', 'measured'] },
);
const item = fc.record(
  {
    id,
    names: texts,
    descriptions: texts,
    provider: text,
    services: fc.array(id, { maxLength: 2 }),
    parts: fc.array(id, { maxLength: 2 }),
    price: fc.constant({ amount: '0.5', currency: 'EUR' }),
    period: fc.constantFrom('P1M', 'PT24H'),
    validFrom: fc.nat(START),
    validTo: fc.nat(START),
  },
  { requiredKeys: ['id', 'names', 'provider', 'services', 'parts', 'price'] },
);
const programme = fc.record(
  {
    id,
    service: id,
    startAt: fc.integer({ min: START, max: START + DAY_MS }),
    titles: texts,
    descriptions: texts,
    categories: fc.array(text, { maxLength: 2 }),
    rating: text,
    episode: text,
    series: text,
    breaks: fc.array(window, { maxLength: 2 }),
  },
  { requiredKeys: ['id', 'service', 'startAt', 'titles'] },
);
const deletion = fc.oneof(
  fc.record({ fragment: fc.constantFrom('Service' as const, 'PurchaseItem' as const), id }),
  fc.record({ fragment: fc.constant('Content' as const), id, service: id, startAt: fc.nat(START) }),
);

const written = async (pieces: AsyncIterable<string>): Promise<Buffer> => {
  let document = '';
  for await (const piece of pieces) document += piece;
  return Buffer.from(document);
};

describe('guide writing', () => {
  it('has checks that can fail', () => {
    expect(() =>
      validXmltv(Buffer.from('<tv><programme start="2026" channel="a"><desc>x</desc></programme></tv>')),
    ).to.throw();
    expect(() => validGuide(Buffer.from('<ServiceGuide xmlns="urn:pocketmeter:service-guide:1"/>'))).to.throw();
  });

  it('G4: is valid, whatever the texts are', async () => {
    const guides = [
      fc.array(deletion, { maxLength: 2 }),
      fc.array(service, { maxLength: 2 }),
      fc.array(item, { maxLength: 2 }),
      fc.array(programme, { maxLength: 3 }),
    ] as const;
    await fc.assert(
      fc.asyncProperty(...guides, async (deletions, services, items, programmes) => {
        const list: GuidePart[] = [
          ...deletions.map((one): GuidePart => ({ kind: 'deleted', ...one })),
          ...services.map((one): GuidePart => ({ kind: 'service', service: one })),
          ...items.map((one): GuidePart => ({ kind: 'item', item: one })),
          ...programmes.map((one): GuidePart => {
            const whole: Programme = { ...one, stopAt: one.startAt + 60_000 };
            return { kind: 'schedule', service: one.service, day: dayOf(one.startAt), programmes: [whole] };
          }),
        ];
        const parts = async function* (): AsyncGenerator<GuidePart> {
          yield* list;
        };
        const head = { version: 2, since: 1, from: START };
        expect(validGuide(await written(writeServiceGuideXml(head, parts(), ALL)))).to.equal('ServiceGuide');
        validXmltv(await written(writeXmltv(head, parts())));
        const json = JSON.parse((await written(writeGuideJson(head, parts(), ALL))).toString());
        expect(json.deleted).to.have.length(deletions.length);
        expect(json.services).to.have.length(services.length);
        expect(json.purchaseItems).to.have.length(items.length);
        expect(json.programmes).to.have.length(programmes.length);
      }),
    );
  });
});
