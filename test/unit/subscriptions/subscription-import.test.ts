// Subscriptions from a CSV file: an answer for each line, in order; the same file again changes nothing (G7, O8).

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { Problem } from '../../../server/problem.ts';
import { openSqliteStore } from '../../../server/store/sqlite/open-sqlite-store.ts';
import { importSubscriptions } from '../../../server/subscriptions/subscription-import.ts';
import { HOUR_MS, type Selling, START, startSelling } from '../../support/selling.ts';
import type { Ports } from '../../support/stores.ts';

const FILE = join(import.meta.dirname, '../../../fixtures/subscriptions/subscriptions.csv');

describe('import of subscriptions', () => {
  let ports: Ports;
  let selling: Selling;
  beforeEach(async () => {
    ports = openSqliteStore(':memory:');
    selling = await startSelling(ports);
  });
  afterEach(() => ports.close());

  const findViewer = async (user: string) => ({ abc: 1, other: 2 })[user];
  const answersTo = async (source: Readable, subscriptions = selling.subscriptions): Promise<unknown[][]> => {
    const answers: unknown[][] = [];
    for await (const { line, outcome, reason } of importSubscriptions({ subscriptions, findViewer }, source))
      answers.push([line, outcome, ...(reason === undefined ? [] : [reason])]);
    return answers;
  };
  const lines = (...rows: string[]): Readable =>
    Readable.from([Buffer.from(['user,item,action,since,until', ...rows].join('\n'))]);

  it('G7: answers each line of a file, whatever is wrong with it', async () => {
    const answers = await answersTo(createReadStream(FILE));
    expect(answers.map(([line, outcome]) => `${line} ${outcome}`)).to.deep.equal([
      '2 refused', // nothing of that name is sold here
      '3 refused',
      '4 refused',
      '5 refused',
      '6 refused',
      '7 refused',
      '8 refused',
      '9 refused',
    ]);
    expect(answers[2]?.[2]).to.contain('no purchase item basic');
    expect(answers[3]?.[2]).to.contain('no such enabled handset user');
    expect(answers[5]?.[2]).to.contain('order or cancel');
    expect(answers[6]?.[2]).to.contain('since must be an instant');
    expect(answers[7]?.[2]).to.contain('1 fields where the header has 5');
  });

  it('G7: orders, renews and cancels in the order of the lines, with the times of outside', async () => {
    const since = new Date(START - HOUR_MS).toISOString();
    const rows = [
      `abc,one,,${since},2026-05-01`,
      'abc,one,order,,2026-06-01',
      'abc,two,,,',
      'other,all,order,,',
      'abc,two,cancel,,',
      'other,one,cancel,,',
    ];
    const outcomes = ['ordered', 'changed', 'ordered', 'ordered', 'cancelled', 'unchanged'];
    expect((await answersTo(lines(...rows))).map(([, outcome]) => outcome)).to.deep.equal(outcomes);
    expect(await selling.subscriptions.list(1)).to.deep.equal([
      { item: 'one', since: START - HOUR_MS, until: Date.UTC(2026, 5, 1), bought: 'business', orderedAt: START },
    ]);
    const done = lines('abc,one,,,2026-06-01', 'other,all,,,', 'abc,two,cancel,,');
    expect((await answersTo(done)).map(([, outcome]) => outcome)).to.deep.equal([
      'unchanged',
      'unchanged',
      'unchanged',
    ]);
  });

  it('O8: a thousand lines of one user in order; a store that is away ends it, to be done again', async () => {
    const rows = Array.from({ length: 1_000 }, (_, at) => `abc,one,${at % 2 === 0 ? 'order' : 'cancel'},,`);
    const outcomes = (await answersTo(lines(...rows))).map(([, outcome]) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'ordered')).to.have.length(500);
    expect(outcomes.filter((outcome) => outcome === 'cancelled')).to.have.length(500);
    const away = { ...selling.subscriptions, order: () => Promise.reject(new Problem('unavailable', 'away')) };
    const fault = await answersTo(lines('abc,one,,,', 'other,one,,,'), away).catch((error: Problem) => error.code);
    expect(fault).to.equal('unavailable');
  });
});
