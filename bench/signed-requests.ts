// HTTP requests with reports, signed before the load: what a load generator then has to do is send bytes (V6).

import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readChallenge } from '../server/simulator/digest-credentials.ts';
import type { BenchUser } from './ingest-accounts.ts';

const SERVICES = 50;
const STEP_MS = 60_000; // one report a minute of each handset, the last of them now

/**
 * Writes `count` requests, each with its length in four digits before it. Handsets take turns, each with a nonce of its own that
 * it counts with; it logs in to one service after another.
 */
export async function writeSignedRequests(options: {
  url: string;
  users: readonly BenchUser[];
  count: number;
  file: string;
}): Promise<void> {
  const { url, users, count, file } = options;
  const { host } = new URL(url);
  const challenges = await fetchChallenges(url, users.length);
  const turns = Math.ceil(count / users.length);
  const from = Date.now() - turns * STEP_MS;
  const out = createWriteStream(file);
  const prepared = users.map(({ user, password }, index) => {
    const { realm, nonce, opaque } = challenges[index] ?? { realm: '', nonce: '', opaque: '' };
    return { user, nonce, opaque, realm, ha1: hash('md5', `${user}:${realm}:${password}`) };
  });
  const ha2 = hash('md5', 'POST:/');
  for (let turn = 0; turn < turns; turn += 1) {
    const date = new Date(from + (turn + 1) * STEP_MS).toUTCString();
    let text = '';
    for (const [index, { user, nonce, opaque, realm, ha1 }] of prepared.entries()) {
      const nc = (turn + 1).toString(16).padStart(8, '0');
      const response = hash('md5', `${ha1}:${nonce}:${nc}:0a4f113b:auth:${ha2}`);
      const service = String(((index + turn) % SERVICES) + 1).padStart(2, '0');
      const body = reportXml(user, service, `${service}1`, `46000${String(index).padStart(10, '0')}`);
      const request =
        `POST / HTTP/1.1\r\nHost: ${host}\r\nDate: ${date}\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\n` +
        `Authorization: Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="/", qop=auth, nc=${nc}, ` +
        `cnonce="0a4f113b", response="${response}", opaque="${opaque}", algorithm=MD5\r\n\r\n${body}`;
      text += `${String(request.length).padStart(4, '0')}${request}`;
    }
    if (!out.write(text, 'latin1')) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

/** The message as the method has it, with all seven elements. */
function reportXml(user: string, service: string, programme: string, imsi: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<LogReport xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="LogReport.xsd">
  <Message_Type Message_Type_Type="LogInInfo"/>
  <User_ID User_ID_Type="${user}"/>
  <Service_ID Service_ID_Type="${service}"/>
  <Program_ID Program_ID_Type="${programme}"/>
  <Online_state Online_state_Type="online"/>
  <IMSI IMSI_Type="${imsi}"/>
  <Channel_stat Channel_stat_Type="TRUE"/>
</LogReport>`;
}

async function fetchChallenges(url: string, count: number) {
  const found: { realm: string; nonce: string; opaque: string }[] = [];
  for (let index = 0; index < count; index += 1) {
    const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'text/xml' }, body: '<LogReport/>' });
    await answer.arrayBuffer();
    const challenge = readChallenge([answer.headers.get('www-authenticate') ?? '']);
    if (challenge === undefined) throw new Error(`no challenge, but ${answer.status}`);
    found.push({ realm: challenge.realm, nonce: challenge.nonce, opaque: challenge.opaque ?? '' });
  }
  return found;
}
