// What must hold of any bytes sent as a service, a purchase item, a list, an order or XML to be passed on (G3, G8, G9, I2; O11).

import { expect } from 'chai';
import fc from 'fast-check';
import { XMLValidator } from 'fast-xml-parser';
import { createXsdValidator } from '../../../schemas/xsd-validator.ts';
import { Problem } from '../../../server/problem.ts';
import { readPush } from '../../../server/push/push-body.ts';
import { writeUpdatesXml } from '../../../server/push/updates-xml.ts';
import { readListXml, readOrderXml } from '../../../server/subscriptions/subscription-documents.ts';
import { purchaseItemFromBody } from '../../../sg/purchase-item-body.ts';
import { serviceFromBody } from '../../../sg/service-body.ts';
import { takeFragment } from '../../../sg/service-guide-reading.ts';
import { itemXml, ROOT_NAMESPACE, serviceXml } from '../../../sg/service-guide-xml.ts';
import { validGuide } from '../guide-documents.ts';
import type { FuzzRuns } from './fuzz-runs.ts';
import { mutated } from './mutated-documents.ts';
import { readBySaxes } from './saxes-reading.ts';

const GUIDE = 'xmlns="urn:pocketmeter:service-guide:1"';
const TABLE = 'xmlns="urn:pocketmeter:subscriptions:1"';
const SERVICE = `<Service ${GUIDE} id="01" weight="5"><Name lang="en">One &amp; only</Name><Name>Eins</Name><Genre>News</Genre>
<PrivateExt><Provider>p</Provider><Logo>http://a.example/b.png</Logo><Zone>Europe/Berlin</Zone><Dwell>30000</Dwell>
<Channel_stat Channel_stat_Type="TRUE 2026-11-20T18:00Z~19:00"/></PrivateExt></Service>`;
const ITEM = `<PurchaseItem ${GUIDE} id="01" validFrom="2026-01-01T00:00:00Z" validTo="2027-01-01T00:00:00+01:00">
<ServiceReference idRef="02"/><PurchaseItemReference idRef="basic"/><Name lang="en">All</Name><Description>Most</Description>
<PurchaseData><PriceInfo><MonetaryPrice currency="EUR">9.90</MonetaryPrice><SubscriptionPeriod>P1M</SubscriptionPeriod>
</PriceInfo></PurchaseData><PrivateExt><Provider>p</Provider></PrivateExt></PurchaseItem>`;
const LIST = `<?xml version="1.0" encoding="UTF-8"?>
<Subscriptions ${TABLE} version="7"><Subscription idRef="basic" since="2026-11-20T00:00:00.5+01:00"/>
<Subscription idRef="gold"/><Removed idRef="old" reason="expired" at="2026-11-20T00:00:00Z"/></Subscriptions>`;
const ORDER = `<Order ${TABLE} since="2026-11-01T00:00:00Z" until="2028-01-01T00:00:00.25-08:00"/>`;
const OFFER =
  '<?xml version="1.0"?>\n<Offer xmlns="urn:x" id="1"><!-- c --><Text>Goal &amp; more</Text><![CDATA[<x>]]></Offer>';

const updates = createXsdValidator(new URL('../../../schemas/Updates.xsd', import.meta.url));

const readService = (bytes: Uint8Array) =>
  takeFragment(bytes, { name: 'Service', id: '01' }, async (fields) => serviceFromBody(fields, '01', 'p', undefined));
const readItem = (bytes: Uint8Array) =>
  takeFragment(bytes, { name: 'PurchaseItem', id: '01' }, async (fields) =>
    purchaseItemFromBody(fields, '01', 'p', undefined),
  );

/** How each kind is read; it throws for what must not come of it. */
const KINDS: [documents: string[], read: (bytes: Buffer) => Promise<void>][] = [
  [
    [SERVICE],
    async (bytes) => {
      const service = await readService(bytes);
      const written = Buffer.from(serviceXml(service, [], ROOT_NAMESPACE));
      expect(validGuide(written)).to.equal('Service');
      expect(await readService(written), 'read again').to.deep.equal(service);
    },
  ],
  [
    [ITEM],
    async (bytes) => {
      const item = await readItem(bytes);
      const written = Buffer.from(itemXml(item, ROOT_NAMESPACE));
      expect(validGuide(written)).to.equal('PurchaseItem');
      expect(await readItem(written), 'read again').to.deep.equal(item);
    },
  ],
  [
    [LIST],
    async (bytes) => {
      const { basis, items } = readListXml(bytes);
      expect(basis).to.satisfy(Number.isSafeInteger);
      expect(basis).to.be.at.least(0);
      for (const { item, since = 0 } of items) {
        expect(item.length).to.be.within(1, 64);
        expect(since).to.satisfy(Number.isSafeInteger);
      }
      expect(new Set(items.map(({ item }) => item)).size).to.equal(items.length);
    },
  ],
  [
    [ORDER],
    async (bytes) => {
      for (const time of Object.values(readOrderXml(bytes))) expect(time).to.satisfy(Number.isSafeInteger);
    },
  ],
  [
    [OFFER, SERVICE, LIST],
    async (bytes) => {
      const xml = bytes.toString();
      const { content } = readPush({ audience: { all: true }, content: { xml } });
      expect(content).to.deep.equal({ xml });
      const event = { offset: 1, kind: 'message' as const, audience: { all: true } as const, content, key: 'k', at: 0 };
      const told = writeUpdatesXml({ epoch: 'e', recovered: true, events: [event], id: 'e:1', isMore: false });
      const text = updates.readValid(Buffer.from(told), (root) => root.content.trim());
      expect(text, 'passed on').to.equal(xml.trim());
    },
  ],
];

/** XML 1.0, production 26 wants a digit after the point; libxml2 does without. */
const ONLY_LIBXML2 = /version number must match/;

const sent = fc
  .constantFrom(...KINDS.keys())
  .chain((kind) =>
    fc.tuple(fc.constant(kind), mutated((KINDS[kind]?.[0] ?? []).map((document) => Buffer.from(document)))),
  );

/** Each is read, and then other parsers take it for XML as well; or refused with a Problem that says where, and by which rule. */
export async function fuzzDocuments(runs: FuzzRuns): Promise<{ read: number; refused: number }> {
  const seen = { read: 0, refused: 0 };
  const check = async ([kind, bytes]: [number, Buffer]): Promise<void> => {
    const problem = await KINDS[kind]?.[1](bytes).catch((error: unknown) => {
      if (error instanceof Problem) return error;
      throw error;
    });
    if (problem === undefined) {
      seen.read += 1;
      const text = bytes.toString();
      expect(XMLValidator.validate(text), 'fast-xml-parser refuses what is accepted').to.equal(true);
      const other = readBySaxes(text);
      if ('fault' in other) expect(other.fault, 'saxes refuses what is accepted').to.match(ONLY_LIBXML2);
      return;
    }
    seen.refused += 1;
    expect(['invalid', 'unsupported']).to.include(problem.code);
    if (problem.code === 'unsupported') return;
    const [fault] = problem.faults;
    expect(fault?.rule, problem.detail).to.be.a('string').and.not.equal('');
    if (fault?.rule !== 'encoding' && fault?.rule !== 'not XML') expect(fault?.line, problem.detail).to.be.at.least(1);
  };
  await fc.assert(fc.asyncProperty(sent, check), runs);
  return seen;
}
