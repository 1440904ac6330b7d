// The universe and its groups (ratings R2, R3, R7; O2).

import { expect } from 'chai';
import fc from 'fast-check';
import { createPeople, type Person } from '../../../../reports/breakdown/people.ts';
import { Problem } from '../../../../server/problem.ts';

async function* inPages(people: readonly Person[]): AsyncGenerator<readonly Person[]> {
  for (let at = 0; at < people.length; at += 3) yield people.slice(at, at + 3);
}
const read = (people: readonly Person[], isSample = false) =>
  createPeople({ list: () => inPages(people), isSample, elapsedMs: () => 0 })();
const inRegion = (viewer: number, region: string, weight = 1): Person => ({ viewer, weight, demographics: { region } });

describe('people', () => {
  it('R2: a census counts everybody as one, and is no sample', async () => {
    const { universe, weightOf } = await read([
      { viewer: 0, weight: 1 },
      { viewer: 2 ** 52 - 1, weight: 1 },
    ]);
    expect(universe).to.deep.equal({ weight: 2, users: 2, effectiveSize: 2, isSample: false });
    expect([0, 2 ** 52 - 1, 7].map(weightOf)).to.deep.equal([1, 1, 0]);
    expect((await read([{ viewer: 1, weight: 1 }], true)).universe.isSample).to.equal(true);
    expect((await read([])).universe).to.deep.equal({ weight: 0, users: 0, effectiveSize: 0, isSample: false });
  });

  it('R2: U is the sum of weights, n = (sum of w)^2 / sum of w^2', async () => {
    const people = [1, 2, 3, 4].map((weight) => ({ viewer: 10 * weight, weight }));
    const { universe, weightOf } = await read(people);
    expect(universe).to.deep.equal({ weight: 10, users: 4, effectiveSize: 100 / 30, isSample: true });
    expect([10, 20, 30, 40, 50].map(weightOf)).to.deep.equal([1, 2, 3, 4, 0]);
  });

  it('R3: groups are in natural order, Unknown last, and their universes sum to the whole', async () => {
    const ages = ['10-14', '5-9', '', '20+', 'Unknown', '5-9'];
    const people = ages.map((age, at) => ({
      viewer: at,
      weight: at + 1,
      demographics: age === '' ? ({ region: 'North' } as Record<string, string>) : { age },
    }));
    const { segmentation } = await read(people);
    const { names, universes, segmentOf } = segmentation('age');
    expect(names).to.deep.equal(['5-9', '10-14', '20+', 'Unknown']);
    expect(universes).to.deep.equal([8, 1, 4, 8]);
    expect([0, 1, 2, 3, 4, 5, 6].map((viewer) => segmentOf(viewer, 0, 0))).to.deep.equal([1, 0, 3, 2, 3, 0, -1]);
    expect(segmentation('region')).to.deep.include({ names: ['North', 'Unknown'], universes: [3, 18] });
    expect(segmentation('shoe-size')).to.deep.include({ names: ['Unknown'], universes: [21] });
  });

  it('R3: without anybody unknown there is no such group', async () => {
    const { segmentation } = await read([inRegion(1, 'North'), inRegion(2, 'South')]);
    expect(segmentation('region').names).to.deep.equal(['North', 'South']);
  });

  it('O11: more groups than a report can show are too many, others are shown', async () => {
    const people = Array.from({ length: 201 }, (_, at): Person => {
      return { viewer: at, weight: 1, demographics: { street: `street ${at}`, town: `town ${at % 200}` } };
    });
    const { segmentation } = await read(people);
    expect(() => segmentation('street'))
      .to.throw(Problem)
      .with.property('code', 'too_large');
    expect(segmentation('town').names).to.have.length(200);
    expect(segmentation('town').names.slice(0, 3)).to.deep.equal(['town 0', 'town 1', 'town 2']);
  });

  it('R7: who is told twice counts once', async () => {
    const twice = inRegion(1, 'North', 2.5);
    const { universe, segmentation } = await read([twice, twice, inRegion(2, 'North'), twice]);
    expect(universe).to.include({ weight: 3.5, users: 2 });
    expect(segmentation('region').universes).to.deep.equal([3.5]);
  });

  it('R3, R7: any people are found again with their weight, in their group', async () => {
    const person = fc.record({
      viewer: fc.maxSafeNat().map((number) => number % 2 ** 52),
      weight: fc.integer({ min: 1, max: 9 }),
      region: fc.constantFrom('a', 'b', 'c'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(person, { selector: ({ viewer }) => viewer, maxLength: 3_000 }),
        async (given) => {
          const { weightOf, universe, segmentation } = await read(
            given.map(({ viewer, weight, region }) => inRegion(viewer, region, weight)),
          );
          const { names, universes, segmentOf } = segmentation('region');
          for (const { viewer, weight, region } of given) {
            expect(weightOf(viewer)).to.equal(weight);
            expect(names[segmentOf(viewer, 0, 0)]).to.equal(region);
          }
          expect(universes.reduce((sum, each) => sum + each, 0)).to.equal(universe.weight);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('R18: a reading is kept twenty times as long as it took; a failed one is not', async () => {
    let [now, readings, tookMs, isBroken] = [0, 0, 0, false];
    const readPeople = createPeople({
      async *list() {
        readings += 1;
        now += tookMs;
        if (isBroken) throw new Problem('unavailable', 'away');
        yield [{ viewer: 1, weight: 1 }];
      },
      isSample: false,
      elapsedMs: () => now,
    });
    await Promise.all([readPeople(), readPeople()]);
    expect(readings).to.equal(1);
    now = 60_000;
    tookMs = 10_000;
    await readPeople();
    now = 60_000 + 199_999;
    await readPeople();
    expect(readings).to.equal(2);
    now += 1;
    isBroken = true;
    const failed = await readPeople().catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(Problem);
    isBroken = false;
    await readPeople();
    expect(readings).to.equal(4);
  });
});
