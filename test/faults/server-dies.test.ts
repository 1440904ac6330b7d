// Two servers on one database, one of which is killed under load: the other tells all that is true (O3, O4, V15, V17).

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type FaultStage, openFaultStage } from '../support/fault-stage.ts';
import { askUntilServed } from '../support/store-check.ts';

const LOAD_MS = 12_000;

describe('two servers on one database, one of which dies under load', () => {
  let stage: FaultStage;
  afterEach(() => stage?.close());

  it('O4, V15, V17: kill -9 of the one that settles loses and doubles nothing, and the other goes on', async () => {
    stage = await openFaultStage({ servers: 2, loadMs: LOAD_MS });
    const [settling, other] = stage.servers;
    await sleep(LOAD_MS / 3);
    settling?.kill('SIGKILL');
    await settling?.ended;
    // The turn to settle is a job's lease: it is taken over when it has run out.
    await Promise.all([stage.restart(0), other && askUntilServed(other, '/sessions?limit=1')]);
    await stage.check();
    const [one, two] = await Promise.all(stage.servers.map(listOnline));
    expect(one).to.deep.equal(two);
  });
});

async function listOnline(server: FaultStage['servers'][number]): Promise<unknown[]> {
  await sleep(1_000); // a server looks each half second for what came in through others
  const { items } = (await (await server.ask('/online?limit=1000')).json()) as { items: Record<string, unknown>[] };
  return items.map(({ device, watching }) => ({ device, watching }));
}
