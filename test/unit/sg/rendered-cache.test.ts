// Rendered answers: shared while they grow, kept in bounded memory, given up when they fail (G4).

import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { Problem } from '../../../server/problem.ts';
import { createRenderedCache } from '../../../sg/rendered-cache.ts';

const KIB = 1_024;

describe('rendered cache', () => {
  let rendered: string[];
  beforeEach(() => {
    rendered = [];
  });
  const render = (name: string, pieces: number, gate?: Promise<void>) =>
    async function* (): AsyncGenerator<Uint8Array> {
      rendered.push(name);
      for (let piece = 0; piece < pieces; piece += 1) {
        yield Buffer.alloc(KIB, piece);
        if (piece === 0) await gate;
      }
    };
  const sizeOf = async (chunks: AsyncIterable<Uint8Array>): Promise<number> => {
    let size = 0;
    for await (const chunk of chunks) size += chunk.length;
    return size;
  };

  it('G4: who asks meanwhile gets the same rendering, from its start and as it grows', async () => {
    const cache = createRenderedCache(100 * KIB);
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const first = await cache.get('a', render('a', 3, gate));
    const second = await cache.get('a', render('a', 3));
    expect([first.sizeBytes(), second.sizeBytes()]).to.deep.equal([undefined, undefined]);
    const reading = [sizeOf(first.chunks()), sizeOf(second.chunks())];
    open();
    expect(await Promise.all(reading)).to.deep.equal([3 * KIB, 3 * KIB]);
    expect(rendered).to.deep.equal(['a']);
    expect((await cache.get('a', render('a', 9))).sizeBytes()).to.equal(3 * KIB);
  });

  it('G4: keeps what was asked for last, within its bound', async () => {
    const cache = createRenderedCache(12 * KIB); // three of 3 KiB, with 1 KiB beside each
    const ask = async (name: string): Promise<number> => sizeOf((await cache.get(name, render(name, 3))).chunks());
    for (const name of ['a', 'b', 'c', 'a', 'd', 'a', 'c', 'b']) expect(await ask(name)).to.equal(3 * KIB);
    expect(rendered).to.deep.equal(['a', 'b', 'c', 'd', 'b']);
  });

  it('G4: what can never fit fails, and leaves room for others', async () => {
    const cache = createRenderedCache(8 * KIB);
    const large = await cache.get('large', render('large', 20));
    const error: unknown = await sizeOf(large.chunks()).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(Problem).with.property('code', 'unavailable');
    expect(await sizeOf((await cache.get('small', render('small', 3))).chunks())).to.equal(3 * KIB);
  });

  it('G4: a rendering that fails is told to all who wait, and made anew for the next', async () => {
    const cache = createRenderedCache(100 * KIB);
    const failing = (): AsyncIterable<Uint8Array> =>
      (async function* () {
        await setImmediate();
        rendered.push('failed');
        if (rendered.length > 0) throw new Error('the store is gone');
        yield Buffer.alloc(1);
      })();
    const both = await Promise.allSettled([cache.get('a', failing), cache.get('a', failing)]);
    expect(both.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    expect(await sizeOf((await cache.get('a', render('a', 1))).chunks())).to.equal(KIB);
    expect(rendered).to.deep.equal(['failed', 'a']);
  });

  it('G4: renders two at a time, the others in order', async () => {
    const cache = createRenderedCache(100 * KIB);
    const gates = ['a', 'b', 'c'].map((name) => ({ name, ...Promise.withResolvers<void>() }));
    const asked = gates.map(({ name, promise }) => cache.get(name, render(name, 2, promise)));
    await setImmediate();
    expect(rendered).to.deep.equal(['a', 'b']);
    gates[1]?.resolve();
    await setImmediate();
    await setImmediate();
    expect(rendered).to.deep.equal(['a', 'b', 'c']);
    for (const { resolve } of gates) resolve();
    for (const each of await Promise.all(asked)) expect(await sizeOf(each.chunks())).to.equal(2 * KIB);
  });
});
