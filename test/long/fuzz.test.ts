// Hours of bad input, if one wants: FUZZ_RUNS says how often each property is tried, FUZZ_SEED repeats a run (V6, V18, G2, O11).

import { randomInt } from 'node:crypto';
import { expect } from 'chai';
import { startApiWorld } from '../support/api-world.ts';
import { fuzzAccountFiles } from '../support/fuzz/account-files.ts';
import { fuzzDigest } from '../support/fuzz/digest-headers.ts';
import { fuzzDocuments } from '../support/fuzz/documents.ts';
import { fuzzEndlessGuides, fuzzGuides } from '../support/fuzz/guides.ts';
import { fuzzHandsetRequests } from '../support/fuzz/handset-requests.ts';
import { fuzzBatches, fuzzMemory, fuzzReports } from '../support/fuzz/reports.ts';
import { fuzzRequests } from '../support/fuzz/requests.ts';
import { startServer } from '../support/server.ts';

const numRuns = Number(process.env.FUZZ_RUNS ?? 50_000);
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
const runs = { numRuns, seed };
const MIB = 2 ** 20;

describe(`fuzz: FUZZ_RUNS=${numRuns} FUZZ_SEED=${seed}`, () => {
  it('V1, V11: reports are read alike by recogniser, validator and other parsers, and kept to the byte', () => {
    fuzzReports(runs);
  });
  it('V3: batches are read report by report', () => {
    fuzzBatches(runs);
  });
  it('V18: the parser gives back all memory', () => {
    fuzzMemory(runs);
  });
  it('O11: documents of guide, subscriptions and pushes are read, or refused with line and rule', async () => {
    await fuzzDocuments(runs);
  });
  it('V6: a Digest header is accepted only as it was meant', () => {
    fuzzDigest(runs);
  });
  it('G2: a guide is read alike in any pieces', async () => {
    await fuzzGuides(runs);
  });
  it('G2: a guide without an end is refused, or read in bounded memory', async () => {
    expect(await fuzzEndlessGuides(16 * MIB)).to.be.below(96 * MIB); // garbage included; all of it would be several times that
  });
  it('O8: a file of accounts is read alike in any pieces', async () => {
    await fuzzAccountFiles(runs);
  });
  it('O11: every request gets an answer or a problem in the right form', async () => {
    const server = await startServer();
    await server.products.accounts.add({ user: 'abc', password: 'secret', role: 'handset' }, 'test');
    try {
      await fuzzRequests(server, runs);
    } finally {
      await server.close();
    }
  });
  it('G12, O11: whatever a handset asks for, it gets an answer, a stream or a problem', async () => {
    const world = await startApiWorld({}, { EVENT_STREAMS_PER_USER: '1000' });
    try {
      await fuzzHandsetRequests(world, runs);
    } finally {
      await world.close();
    }
  });
});
