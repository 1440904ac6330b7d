// The log writes JSON lines in which no identity, token or password is (O2, O7).

import { spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { createLog, type LogLevel } from '../../server/log.ts';
import { Problem } from '../../server/problem.ts';

function logged(level: LogLevel = 'debug') {
  const lines: string[] = [];
  const log = createLog({ level, destination: { write: (line: string) => void lines.push(line) } });
  const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '{}');
  return { log, lines, last };
}

describe('log', () => {
  it('O7: a line is one JSON object with level, time, message and the child’s fields', () => {
    const { log, lines, last } = logged();
    log.child({ requestId: 'r1' }).info({ rows: 3 }, 'done\nwell');
    expect(lines).to.have.length(1);
    expect(lines[0]?.trimEnd()).to.not.contain('\n');
    const { time, ...rest } = last();
    expect(rest).to.deep.equal({ level: 30, requestId: 'r1', rows: 3, msg: 'done\nwell' });
    expect(time).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('O5: an outage that was told is no error again for each that meets it', () => {
    const { log, lines } = logged('info');
    log.error({ error: new Problem('unavailable', 'away', { isTold: true }) }, 'a');
    expect(lines).to.have.length(0);
    log.error({ error: new Problem('unavailable', 'full') }, 'b');
    expect(lines).to.have.length(1);
  });

  it('O7: leaves out what is below the level', () => {
    const { log, lines } = logged('warn');
    log.debug({}, 'a');
    log.info({}, 'b');
    log.warn({}, 'c');
    log.error({}, 'd');
    expect(lines.map((line) => JSON.parse(line).msg)).to.deep.equal(['c', 'd']);
  });

  it('O2: hides secrets by name at any depth, and in texts', () => {
    const { log, last } = logged();
    log.info(
      {
        headers: { Authorization: 'x1', 'set-cookie': 'x2', host: 'h' },
        list: [{ deep: { password: 'x3', imsi: 'x4' } }],
        user: 'x5',
        accessToken: 'x6',
        said: 'sent Bearer x7.x8 there',
        uri: 'mongodb://me:x9@db/a',
        sim: 'IMSI 460001234567890!',
        at: 1_784_000_000_000,
      },
      'Digest username="x10", response="x11"',
    );
    const line = JSON.stringify(last());
    expect(line).to.not.match(/x\d|46000123/);
    expect(last().headers).to.deep.equal({ Authorization: '[hidden]', 'set-cookie': '[hidden]', host: 'h' });
    expect([last().at, last().sim]).to.deep.equal([1_784_000_000_000, 'IMSI [hidden]!']);
  });

  it('O2: of an error only what every error has, with its cause', () => {
    const { log, last } = logged();
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', config: { anything: 'x1' } });
    log.error({ error: new Error('failed', { cause }) }, 'no');
    const { error } = last() as { error: Record<string, unknown> & { cause: Record<string, unknown> } };
    expect([error.type, error.message]).to.deep.equal(['Error', 'failed']);
    expect(error.stack).to.contain('log.test.ts');
    expect([error.cause.code, error.cause.config]).to.deep.equal(['ECONNREFUSED', undefined]);
  });

  it('O11: whatever is logged makes one line that parses', () => {
    fc.assert(
      fc.property(
        fc.object({ withBigInt: true, withDate: true, withTypedArray: true }),
        fc.string(),
        (fields, message) => {
          const { log, lines } = logged();
          log.info({ fields }, message);
          expect(lines).to.have.length(1);
          JSON.parse(lines[0] ?? '');
        },
      ),
    );
    const { log, last } = logged();
    const loop: Record<string, unknown> = {};
    loop.loop = loop;
    log.info(loop, 'x'.repeat(100_000));
    expect(String(last().msg).length).to.be.below(5_000);
  });

  it('O5: an output that takes nothing stops neither the work nor the end of the process', function () {
    if (!existsSync('/dev/full')) {
      console.warn('NOT TESTED: a log on a full disk, for there is no /dev/full here');
      this.skip();
    }
    const script = `import { createLog } from '${new URL('../../server/log.ts', import.meta.url)}';
      const log = createLog({ level: 'info' });
      for (let line = 0; line < 100; line += 1) log.error({ line }, 'x'.repeat(4_000));
      setTimeout(() => process.stderr.write('worked on'), 50);`;
    const ran = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', openSync('/dev/full', 'a'), 'pipe'],
      timeout: 10_000,
    });
    expect(ran.stderr.toString()).to.equal('worked on');
    expect(ran.status).to.equal(0);
  });
});
