// Waiting for MongoDB has an end, whatever the driver does (O5).

import { mock } from 'node:test';
import { expect } from 'chai';
import { Problem } from '../../../server/problem.ts';
import { tellProblems } from '../../../server/store/mongo/driver-problems.ts';

describe('a call of a port on MongoDB', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('O5: that is never answered is unavailable after 10 s, a patient one after 60 s', async () => {
    const never = (): Promise<void> => new Promise(() => undefined);
    const port = tellProblems(['removeAll'], { find: never, removeAll: never });
    const told: unknown[] = [];
    for (const [name, work] of Object.entries(port))
      work().catch((error: unknown) => told.push(error instanceof Problem && [name, error.code, error.retryAfterS]));
    const pass = async (ms: number): Promise<void> => {
      mock.timers.tick(ms);
      await new Promise((resolve) => setImmediate(resolve));
    };
    await pass(9_999);
    expect(told).to.deep.equal([]);
    await pass(1);
    expect(told).to.deep.equal([['find', 'unavailable', 10]]);
    await pass(50_000);
    expect(told).to.deep.equal([
      ['find', 'unavailable', 10],
      ['removeAll', 'unavailable', 10],
    ]);
  });
});
