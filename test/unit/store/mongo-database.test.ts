// Starting on MongoDB and what its errors become, as a peer says them that real servers say seldom (O3, O5).

import { expect } from 'chai';
import type { AccountStore } from '../../../server/accounts/account-store.ts';
import { createLog } from '../../../server/log.ts';
import { Problem } from '../../../server/problem.ts';
import { type MongoDatabase, openMongoDatabase } from '../../../server/store/mongo/database.ts';
import { openMongoPorts } from '../../../server/store/mongo/open-mongo-store.ts';
import { type Answer, startMongoPeer } from '../../support/mongo-peer.ts';

const log = createLog({ level: 'silent' });
const open = (database: MongoDatabase) => openMongoPorts(database, { clock: Date.now });
const ACCOUNT = { user: 'a', role: 'handset', name: '', viewer: 1, enabled: true, createdAt: 0 } as const;

async function problemOf(work: Promise<unknown>): Promise<Pick<Problem, 'code' | 'detail' | 'retryAfterS'>> {
  const error = await work.then(
    () => 'no error',
    (cause: unknown) => cause,
  );
  if (!(error instanceof Problem)) throw error;
  expect(`${error.detail}\n`)
    .to.match(/^[^\n]+\n$/)
    .and.not.to.contain('s3cret');
  return error;
}

describe('opening MongoDB', () => {
  it('O6: a URI that cannot be read is told without being repeated', async () => {
    for (const uri of ['mongodb://u:s3cret@', 'mongodb://u:s3cret@host/?w=x=&nonsense=s3cret', 'mongodb://h/a.b'])
      expect((await problemOf(openMongoDatabase(uri, log))).code, uri).to.equal('invalid');
  });

  it('O5: where nothing answers the wait is bounded, and the host is told', async () => {
    const uri = 'mongodb://u:s3cret@127.0.0.1:1/?serverSelectionTimeoutMS=100';
    const { code, detail, retryAfterS } = await problemOf(openMongoDatabase(uri, log));
    expect([code, retryAfterS]).to.deep.equal(['unavailable', undefined]);
    expect(detail).to.contain('127.0.0.1:1');
  });

  it('O3: a server of a wire version before 9 is refused', async () => {
    const peer = await startMongoPeer({ hello: { maxWireVersion: 8 } });
    const uri = `${peer.uri}&serverSelectionTimeoutMS=100`;
    expect((await problemOf(openMongoDatabase(uri, log))).code).to.equal('unsupported');
    await peer.close();
  });

  it('O3: a user who may not make indexes is told so', async () => {
    const peer = await startMongoPeer({
      answer: (command) => ('createIndexes' in command ? { ok: 0, code: 13, errmsg: 'no' } : { ok: 1 }),
    });
    const { code, detail } = await problemOf(openMongoDatabase(peer.uri, log).then(open));
    expect([code, detail]).to.deep.equal(['forbidden', 'the user of MONGODB_URI may not make indexes in pocketmeter']);
    await peer.close();
  });

  it('O3: what it runs on is logged', async () => {
    const lines: string[] = [];
    const peer = await startMongoPeer({ hello: { setName: 'rs', hosts: [], primary: 'x' } });
    const uri = `${peer.uri.replace('/?', '/measured?')}&directConnection=true`;
    const loud = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
    await (await openMongoDatabase(uri, loud)).close();
    expect(lines.map((line) => JSON.parse(line))).to.have.length(1);
    expect(JSON.parse(lines[0] ?? '')).to.include({
      version: '0.0.1',
      wireVersion: 21,
      topology: 'replica set',
      replicaSet: 'rs',
      database: 'measured',
    });
    await peer.close();
  });
});

describe('errors of MongoDB', () => {
  /** What the account store makes of an answer to the commands of this name; the others are answered with ok. */
  async function told(name: string, answer: Answer, work: (accounts: AccountStore) => Promise<unknown>) {
    const peer = await startMongoPeer({ answer: (command) => (name in command ? answer : { ok: 1 }) });
    const database = await openMongoDatabase(`${peer.uri}&socketTimeoutMS=150&serverSelectionTimeoutMS=1000`, log);
    const { accounts } = await open(database);
    try {
      return await work(accounts).then(
        () => 'no error',
        (error: unknown) => (error instanceof Problem ? [error.code, error.retryAfterS] : String(error)),
      );
    } finally {
      await database.close();
      await peer.close();
    }
  }
  const UNAVAILABLE = ['unavailable', 10];
  const late = { writeConcernError: { code: 64, errmsg: 'not on a majority', errInfo: { wtimeout: true } } };
  const failed = (code: number) => ({ ok: 0, code, errmsg: `code ${code}` });
  const refused = (code: number) => ({
    ok: 1,
    n: 0,
    nModified: 0,
    writeErrors: [{ index: 0, code, errmsg: `code ${code}` }],
  });
  const PASSING: [string, Answer][] = [
    ['a lost primary', failed(10_107)],
    ['a server that fails', failed(1)],
    ['silence', 'silence'],
    ['a dropped line', 'drop'],
  ];

  for (const [what, answer] of PASSING) {
    it(`O5: ${what} is unavailable, on reads, writes and batches`, async () => {
      expect(await told('find', answer, (accounts) => accounts.find('a'))).to.deep.equal(UNAVAILABLE);
      expect(await told('insert', answer, (accounts) => accounts.add(ACCOUNT))).to.deep.equal(UNAVAILABLE);
      expect(await told('update', answer, (accounts) => accounts.put([ACCOUNT]))).to.deep.equal(UNAVAILABLE);
    });
  }

  it('O5: what is not on a majority in time is unavailable, doubles among them', async () => {
    for (const written of [{ ok: 1, n: 1, nModified: 1 }, refused(11_000)]) {
      const answer = { ...written, ...late };
      expect(await told('insert', answer, (accounts) => accounts.add(ACCOUNT))).to.deep.equal(UNAVAILABLE);
      expect(await told('update', answer, (accounts) => accounts.put([ACCOUNT]))).to.deep.equal(UNAVAILABLE);
    }
  });

  it('a double that is nobody’s is a conflict; what is wrong with the request itself stays what it is', async () => {
    const change = (accounts: AccountStore) => accounts.change('a', { name: 'b' });
    expect(await told('update', refused(11_000), change)).to.deep.equal(['conflict', undefined]);
    expect(await told('update', refused(2), change)).to.contain('code 2');
    expect(await told('update', refused(2), (accounts) => accounts.put([ACCOUNT]))).to.contain('code 2');
    expect(await told('find', failed(2), (accounts) => accounts.find('a'))).to.contain('code 2');
  });
});
