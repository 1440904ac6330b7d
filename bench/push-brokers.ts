// Brokers written in C to compare with: nginx with nchan, and mosquitto, each on the server's core, if they are installed.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CORE } from './pinned-server.ts';

export interface Broker {
  name: string;
  port: number;
  pid: number;
  /** What a subscriber sends, and what it is greeted with. */
  request: string;
  greeting: string;
  publish(payload: string): Promise<void>;
  stop(): Promise<void>;
}

const NGINX = '/usr/sbin/nginx';
const NCHAN = '/usr/lib/nginx/modules/ngx_nchan_module.so';
const MOSQUITTO = '/usr/sbin/mosquitto';
const READY_WITHIN_MS = 10_000;

/** Undefined where it is not installed (Debian: nginx-light, libnginx-mod-nchan). */
export async function startNchan(folder: string): Promise<Broker | undefined> {
  if (!existsSync(NGINX) || !existsSync(NCHAN)) return undefined;
  await mkdir(join(folder, 'nginx'), { recursive: true });
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  await writeFile(
    file,
    `load_module ${NCHAN};
user root;
worker_processes 1;
worker_rlimit_nofile 19900;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx.log;
events { worker_connections 19500; }
http {
  access_log off;
  client_body_temp_path ${folder}/nginx;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location /publish { nchan_publisher; nchan_channel_id c; }
    location /subscribe { nchan_subscriber eventsource; nchan_channel_id c; }
  }
}
`,
  );
  const child = onServersCore([NGINX, '-e', join(folder, 'nginx.log'), '-c', file]);
  await answers(port, child);
  return {
    name: 'nchan',
    port,
    pid: child.pid ?? 0,
    request: `GET /subscribe HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: text/event-stream\r\n\r\n`,
    greeting: '200 OK',
    async publish(body) {
      const answer = await fetch(`http://127.0.0.1:${port}/publish`, { method: 'POST', body });
      if (!answer.ok) throw new Error(`nchan answers ${answer.status}`);
      await answer.arrayBuffer();
    },
    stop: () => stop(child),
  };
}

/** Undefined where it is not installed (Debian: mosquitto). */
export async function startMosquitto(folder: string): Promise<Broker | undefined> {
  if (!existsSync(MOSQUITTO)) return undefined;
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  await writeFile(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nuser root\nlog_type error\n`);
  const child = onServersCore([MOSQUITTO, '-c', file]);
  await answers(port, child);
  const publisher = createConnection({ port, host: '127.0.0.1' });
  publisher.write(CONNECT, 'latin1');
  await once(publisher, 'data');
  return {
    name: 'mosquitto',
    port,
    pid: child.pid ?? 0,
    request: `${CONNECT}${SUBSCRIBE}`,
    greeting: SUBSCRIBED,
    async publish(payload) {
      publisher.write(packet(0x30, `${text('c')}${payload}`), 'latin1');
    },
    async stop() {
      publisher.destroy();
      await stop(child);
    },
  };
}

// MQTT 3.1.1, clauses 3.1, 3.3, 3.8 and 3.9: no name, a clean session, quality of service 0.
const text = (value: string): string => String.fromCharCode(value.length >> 8, value.length & 255) + value;
function packet(type: number, body: string): string {
  let length = '';
  for (let left = body.length; length === '' || left > 0; left >>= 7)
    length += String.fromCharCode((left & 127) | (left > 127 ? 128 : 0));
  return String.fromCharCode(type) + length + body;
}
const CONNECT = packet(0x10, `${text('MQTT')}\x04\x02\x00\x00${text('')}`);
const SUBSCRIBE = packet(0x82, `\x00\x01${text('c')}\x00`);
const SUBSCRIBED = '\x90\x03\x00\x01\x00';

function onServersCore(command: string[]): ChildProcess {
  return spawn('nice', ['-n', '-15', 'taskset', '-c', CORE.server, ...command], { stdio: 'ignore' });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Of this child: another that has the port would be measured in its place. */
async function answers(port: number, child: ChildProcess): Promise<void> {
  for (const end = Date.now() + READY_WITHIN_MS; Date.now() < end; await sleep(50)) {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const [event] = await Promise.race([
      once(socket, 'connect').then(() => ['connect']),
      once(socket, 'error').then(() => ['error']),
    ]).catch(() => ['error']);
    socket.destroy();
    if (child.exitCode !== null) throw new Error(`the broker ended with ${child.exitCode}`);
    if (event === 'connect') return;
  }
  child.kill('SIGTERM');
  throw new Error(`nothing answers at port ${port}`);
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}
