// A server that can't start says why in one line, and ends (O6).

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startServer } from '../support/server.ts';
import { spawnServer } from '../support/server-process.ts';

describe('the start', function () {
  this.timeout(30_000);

  it('O6: a port that another has is told in one line', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'pocketmeter-'));
    const other = await startServer();
    try {
      const { port } = new URL(other.url);
      const server = spawnServer({ DATA_DIR: dataDir, PORT: port });
      const failure = await server.ready().catch((error: Error) => error.message);
      expect(failure).to.contain(`pocketmeter does not start: 127.0.0.1:${port} can't be listened at: EADDRINUSE\n`);
      expect((await server.ended).code).to.equal(1);
    } finally {
      await other.close();
      rmSync(dataDir, { recursive: true });
    }
  });
});
