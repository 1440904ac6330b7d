// The sample guide (G1).

import { expect } from 'chai';
import { openDatabase } from '../../../server/store/sqlite/database.ts';
import { createSqliteGuideStore } from '../../../server/store/sqlite/guide-store.ts';
import { createGuide } from '../../../sg/guide.ts';
import { renewSampleGuide, sampleGuide } from '../../../sg/sample-guide.ts';

const at = (time: string): number => Date.parse(`2007-08-${time}Z`);
const DAY = { from: at('09T00:00'), to: at('10T00:00') };

describe('sample guide', () => {
  let now = at('09T12:00');
  const guide = createGuide({ store: createSqliteGuideStore(openDatabase(':memory:')), clock: () => now });

  it('G1: the sample has ten services without gaps, and renewing it again changes nothing', async () => {
    const { services, programmes } = sampleGuide(DAY.from, 2);
    expect(services.map((service) => service.id)).to.deep.equal([
      '01',
      '02',
      '03',
      '04',
      '05',
      '06',
      '07',
      '08',
      '09',
      '10',
    ]);
    for (const { id } of services) {
      const own = programmes.filter((one) => one.service === id);
      expect(own[0]?.startAt).to.equal(DAY.from);
      expect(own.at(-1)?.stopAt).to.equal(DAY.to + 86_400_000);
      for (const [index, one] of own.entries())
        expect(one.startAt).to.equal(index === 0 ? DAY.from : own[index - 1]?.stopAt);
    }
    expect(await renewSampleGuide(guide, () => now)).to.equal(1);
    expect(await renewSampleGuide(guide, () => now)).to.equal(1);
    now += 86_400_000;
    expect(await renewSampleGuide(guide, () => now)).to.equal(2);
    const [last] = await guide.listProgrammes({ services: ['01'], from: at('17T23:00'), to: at('18T00:00') });
    expect(last?.service).to.equal('01');
  });
});
