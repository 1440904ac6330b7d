// A short run of what test/long tries for longer: nothing that comes in does more than be refused (V6, V18, G2, O11).

import { expect } from 'chai';
import { startApiWorld } from '../support/api-world.ts';
import { fuzzAccountFiles } from '../support/fuzz/account-files.ts';
import { fuzzDigest } from '../support/fuzz/digest-headers.ts';
import { fuzzDocuments } from '../support/fuzz/documents.ts';
import { fuzzGuides } from '../support/fuzz/guides.ts';
import { fuzzHandsetRequests } from '../support/fuzz/handset-requests.ts';
import { fuzzBatches, fuzzReports } from '../support/fuzz/reports.ts';
import { fuzzRequests } from '../support/fuzz/requests.ts';
import { startServer } from '../support/server.ts';

describe('fuzz', () => {
  it('V1, V11: reports are read alike by recogniser, validator and other parsers, and kept to the byte', () => {
    const { accepted, templated } = fuzzReports({ numRuns: 1_500 });
    expect(accepted).to.be.above(50);
    expect(templated).to.be.above(50);
  });

  it('V3: batches are read report by report', () => {
    const { reports, refused } = fuzzBatches({ numRuns: 800 });
    expect(reports).to.be.above(50);
    expect(refused).to.be.above(10);
  });

  it('O11: documents of guide, subscriptions and pushes are read, or refused with line and rule', async () => {
    const { read, refused } = await fuzzDocuments({ numRuns: 1_000 });
    expect(read).to.be.above(50);
    expect(refused).to.be.above(100);
  });

  it('V6: a Digest header is accepted only as it was meant', () => {
    const { accepted, acceptedChanged } = fuzzDigest({ numRuns: 3_000 });
    expect(accepted).to.be.above(100);
    expect(acceptedChanged).to.be.above(10);
  });

  it('G2: a guide is read alike in any pieces', async () => {
    const { read, refused } = await fuzzGuides({ numRuns: 800 });
    expect(read).to.be.above(20);
    expect(refused).to.be.above(50);
  });

  it('O8: a file of accounts is read alike in any pieces', async () => {
    const { read, refused } = await fuzzAccountFiles({ numRuns: 600 });
    expect(read).to.be.above(50);
    expect(refused).to.be.above(20);
  });

  it('O11: every request gets an answer or a problem in the right form', async () => {
    const server = await startServer();
    await server.products.accounts.add({ user: 'abc', password: 'secret', role: 'handset' }, 'test');
    try {
      const { answered, refused } = await fuzzRequests(server, { numRuns: 400 });
      expect(answered).to.be.above(30);
      expect(refused).to.be.above(30);
    } finally {
      await server.close();
    }
  });

  it('G12, O11: whatever a handset asks for, it gets an answer, a stream or a problem', async () => {
    const world = await startApiWorld({}, { EVENT_STREAMS_PER_USER: '1000' });
    try {
      const { answered, refused, streams } = await fuzzHandsetRequests(world, { numRuns: 300 });
      expect(answered).to.be.above(30);
      expect(refused).to.be.above(30);
      expect(streams).to.be.above(10);
    } finally {
      await world.close();
    }
  });

  it('O11: a cursor that is none is refused', async () => {
    const server = await startServer();
    try {
      for (const path of ['/online?after=abc', '/online?after=1e3', '/sessions?after=abc', '/sessions?after=W10'])
        expect((await server.ask(path)).status, path).to.equal(400);
      expect((await server.ask('/online?after=4503599627370495')).status).to.equal(200);
    } finally {
      await server.close();
    }
  });
});
