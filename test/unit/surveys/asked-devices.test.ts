// Who is asked: all, a group, a sample that its seed tells again (R10, O2).

import { expect } from 'chai';
import fc from 'fast-check';
import { chooseAsked, drawSample, piecesOf } from '../../../server/surveys/asked-devices.ts';

const online = Array.from({ length: 100 }, (_, at) => ({ device: 1_000 - at, viewer: at % 50 }));
/** Viewers from 40 on may not be measured; every other one is a woman, those below 10 young women and men. */
const findMeasurable = async (viewer: number) =>
  viewer >= 40
    ? undefined
    : viewer === 39
      ? {}
      : { demographics: { sex: viewer % 2 === 0 ? 'f' : 'm', age: viewer < 10 ? '20-29' : '30-39' } };
const choose = (to: Parameters<typeof chooseAsked>[1], seed = 's') =>
  chooseAsked({ listOnline: () => online, findMeasurable }, to, seed);

describe('who is asked in a survey', () => {
  it('R10, O2: all devices online whose users may be measured, in ascending order', async () => {
    const { population, devices } = await choose({});
    expect(population).to.deep.equal({ online: 100, measurable: 80, eligible: 80 });
    expect(devices).to.deep.equal(
      online
        .filter(({ viewer }) => viewer < 40)
        .map(({ device }) => device)
        .sort((a, b) => a - b),
    );
  });

  it('R10: a group by all of its demographics, named users, and both', async () => {
    const group = { sex: 'f', age: '20-29' };
    expect((await choose({ group })).devices).to.have.length(10); // viewers 0, 2, 4, 6, 8 with two devices each
    expect((await choose({ viewers: [0, 1, 45, 77] })).devices).to.have.length(4);
    expect((await choose({ viewers: [0, 1], group })).devices).to.have.members([1_000, 950]);
    expect((await choose({ group: { nothing: 'x' } })).population).to.include({ measurable: 80, eligible: 0 });
  });

  it('R10: so many, or such a share, of who is eligible', async () => {
    expect((await choose({ sample: 7 })).devices).to.have.length(7);
    expect((await choose({ sample: 700 })).devices).to.have.length(80);
    expect((await choose({ percent: 12.5 })).devices).to.have.length(10);
    expect((await choose({ percent: 0.1 })).devices).to.have.length(0);
    expect((await choose({ group: { sex: 'f' }, percent: 50 })).devices).to.have.length(20);
  });

  it('R10: the same seed draws the same, in any order of the devices; another seed others', async () => {
    const devices = online.map(({ device }) => device);
    const drawn = await drawSample(devices, 10, 'one');
    expect(await drawSample(devices.toReversed(), 10, 'one')).to.deep.equal(drawn);
    expect(await drawSample(devices, 10, 'two')).not.to.have.members(drawn);
    expect(await drawSample(devices, 20, 'one')).to.include.members(drawn);
    expect(await drawSample([1, 2, 3], 1, 'seed')).to.deep.equal([3]); // by sha256sum of "seed 1", "seed 2", "seed 3"
  });

  it('R10: every device is drawn about as often', async () => {
    const devices = online.slice(0, 20).map(({ device }) => device);
    const times = new Map<number, number>();
    for (let seed = 0; seed < 2_000; seed += 1)
      for (const device of await drawSample(devices, 5, String(seed))) times.set(device, (times.get(device) ?? 0) + 1);
    // Expected 500 each; chi-squared with 19 degrees of freedom is below 43.8 in 999 of 1,000 cases, and these seeds stay as they are.
    const chiSquared = devices.reduce((sum, device) => sum + ((times.get(device) ?? 0) - 500) ** 2 / 500, 0);
    expect(chiSquared).to.be.below(43.8);
  });

  it('R10: lists are cut into pieces of a thousand, none lost', () => {
    fc.assert(
      fc.property(fc.nat(3_500), (number) => {
        const devices = Array.from({ length: number }, (_, at) => at * 3);
        const pieces = piecesOf(devices, 's', 7);
        expect(pieces.flatMap((piece) => piece.devices)).to.deep.equal(devices);
        for (const piece of pieces)
          expect([piece.first, piece.devices.length <= 1_000]).to.deep.equal([piece.devices[0], true]);
      }),
      { numRuns: 20 },
    );
  });
});
