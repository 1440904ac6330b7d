// The README's commands, in its order, on a fresh DATA_DIR: what a new user types must work.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { COMPILED } from '../support/compiled.ts';
import { ROOT } from '../support/server-process.ts';

const PASSWORD = 'a long secret';
const START = 'npm start';
/** These are whole suites, what made this run possible, or for a MongoDB server (test/e2e/migrate). */
const APART =
  /^(MONGODB_URI=\S+ )?npm (ci|test|run (-s )?(check|format|test:long|test:mongo|bench\S*|cli -- data migrate .*))$/;

/** Lines of `sh` blocks, and commands of ours in the text, in the order of the document. */
function commandsOf(readme: string): string[] {
  const found: string[] = [];
  for (const [, block, inline] of readme.matchAll(/^```sh\n([\s\S]*?)^```|`(npm run -s cli -- [^`]+)`/gm)) {
    if (inline !== undefined) found.push(inline);
    else
      found.push(
        ...(block ?? '')
          .replaceAll('\\\n', ' ')
          .split('\n')
          .filter((line) => line.trim() !== ''),
      );
  }
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('README', function () {
  this.timeout(60_000);
  let folder: string;
  let server: ChildProcess | undefined;
  let environment: Record<string, string | undefined>;
  let port: number;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pocketmeter-'));
    port = await freePort();
    writeFileSync(join(folder, '.curlrc'), 'fail\nsilent\nshow-error\n'); // an answer that is not 2xx is a failure
    environment = { ...process.env, DATA_DIR: join(folder, 'data'), PORT: String(port), ADMIN_PASSWORD: PASSWORD };
    environment.CURL_HOME = folder;
    Object.assign(environment, COMPILED);
    delete environment.MONGODB_URI;
  });
  after(async () => {
    if (server?.pid !== undefined && server.exitCode === null) {
      process.kill(-server.pid, 'SIGTERM'); // npm and the server under it
      await once(server, 'exit');
    }
    rmSync(folder, { recursive: true });
  });

  const start = async (command: string): Promise<void> => {
    server = spawn('bash', ['-c', command], { cwd: ROOT, env: environment, detached: true, stdio: 'ignore' });
    for (let left = 200; left > 0; left -= 1) {
      const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
      if (ready?.status === 200) return;
      await sleep(100);
    }
    throw new Error(`${command}: the server is not ready`);
  };
  const here = (command: string): string =>
    command
      .replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
      .replaceAll(/\bPASSWORD\b/g, `'${PASSWORD}'`)
      .replaceAll(/\bFILE\b/g, join(folder, 'backup.db'))
      .replaceAll('truth.json', join(folder, 'truth.json'));
  /** What a command says first that does not end by itself. */
  const begin = async (command: string): Promise<string> => {
    const child = spawn('bash', ['-c', `exec ${here(command)}`], { cwd: ROOT, env: environment });
    const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
    child.kill();
    return String(said);
  };
  const run = async (command: string): Promise<string> => {
    const child = spawn('bash', ['-c', here(command)], {
      cwd: ROOT,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, told, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    expect(code, `${command}\n${out}${told}`).to.equal(0);
    return out;
  };

  it('its commands work, one after the other', async () => {
    const commands = commandsOf(readFileSync(join(ROOT, 'README.md'), 'utf8'));
    expect(commands).to.include(START).and.to.have.length.above(5);
    for (const command of commands) {
      if (command === START) await start(command);
      else if (command.startsWith('curl -N')) expect(await begin(command), command).to.contain('event: stream');
      else if (!APART.test(command)) expect(await run(command), command).not.to.equal('');
    }
    const truth: unknown = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'));
    expect(truth).to.be.an('object');
  });

  it('a command that fails is noticed', async () => {
    const failed = await run(`curl -u admin:wrong http://127.0.0.1:8080/accounts`).catch((error: unknown) => error);
    expect(String(failed)).to.contain('401');
  });
});
