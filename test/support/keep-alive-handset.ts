// A lean handset for load: one kept connection, real Digest, and an eye for answers that break off (V5, V6, V17).

import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import {
  type DigestChallenge,
  readChallenge,
  readNextNonce,
  writeCredentials,
} from '../../server/simulator/digest-credentials.ts';

export interface Answer {
  /** 0 when none came. */
  status: number;
  body: string;
  /** What came of an answer that broke off. */
  broken?: string;
  retryAfter?: string;
  contentType?: string;
}

export interface KeepAliveHandset {
  /** Sends one report, answering challenges; tries nothing twice that was not challenged. Never rejects. */
  post(message: { body: string; date: Date }): Promise<Answer>;
  close(): void;
}

const CHALLENGES_MOST = 4; // a nonce may go stale as it arrives, at a restart even twice
const HEAD_END = '\r\n\r\n';

/** `port` is asked at each new connection: a server that starts again has another. */
export function createKeepAliveHandset(deps: { user: string; password: string; port: () => number }): KeepAliveHandset {
  const { user, password } = deps;
  const cnonce = randomBytes(8).toString('hex');
  let challenge: DigestChallenge | undefined;
  let count = 0;
  let socket: Socket | undefined;
  let received = '';
  let resolve: ((answer: Answer, head: string) => void) | undefined;

  const open = (): Socket => {
    const opened = connect(deps.port(), '127.0.0.1').setNoDelay(true).setEncoding('latin1');
    const over = (): void => {
      if (socket !== opened) return;
      const broken = received;
      socket = undefined;
      received = '';
      resolve?.({ status: 0, body: '', ...(broken === '' ? {} : { broken }) }, '');
    };
    opened.on('error', over).on('close', over);
    opened.on('data', (chunk: string) => {
      received += chunk;
      const headEnd = received.indexOf(HEAD_END);
      if (headEnd < 0) return;
      const head = received.slice(0, headEnd);
      const bodyAt = headEnd + HEAD_END.length;
      const length = Number(fieldOf(head, 'content-length') ?? 0);
      if (received.length < bodyAt + length) return;
      const body = received.slice(bodyAt, bodyAt + length);
      received = '';
      if (/\r\nconnection: close/i.test(head)) {
        socket = undefined;
        opened.destroy();
      }
      resolve?.({ status: Number(head.slice(9, 12)), body }, head);
    });
    return opened;
  };

  const send = (body: string, date: Date): Promise<{ answer: Answer; head: string }> =>
    new Promise((done) => {
      resolve = (answer, head) => {
        resolve = undefined;
        done({ answer, head });
      };
      let authorization = '';
      if (challenge !== undefined) {
        count += 1;
        const credentials = { user, password, method: 'POST', target: '/', count, cnonce };
        authorization = `Authorization: ${writeCredentials(challenge, credentials)}\r\n`;
      }
      socket ??= open();
      socket.write(
        `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nDate: ${date.toUTCString()}\r\nContent-Type: text/xml\r\n` +
          `${authorization}Content-Length: ${Buffer.byteLength(body)}${HEAD_END}${body}`,
      );
    });

  return {
    async post({ body, date }) {
      for (let challenges = 0; ; challenges += 1) {
        const { answer, head } = await send(body, date);
        if (answer.status === 401 && challenges < CHALLENGES_MOST) {
          challenge = readChallenge(
            [...head.matchAll(/\r\nwww-authenticate: ([^\r]*)/gi)].map(([, value]) => value ?? ''),
          );
          count = 0;
          continue;
        }
        const nonce = head.includes('nextnonce')
          ? readNextNonce(fieldOf(head, 'authentication-info') ?? '')
          : undefined;
        if (challenge !== undefined && nonce !== undefined && nonce !== challenge.nonce) {
          challenge = { ...challenge, nonce };
          count = 0;
        }
        if (answer.status === 200 || answer.status === 0) return answer;
        return { ...answer, ...described(head) };
      }
    },
    close: () => socket?.destroy(),
  };
}

function described(head: string): Pick<Answer, 'retryAfter' | 'contentType'> {
  const retryAfter = fieldOf(head, 'retry-after');
  const contentType = fieldOf(head, 'content-type');
  return {
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(contentType === undefined ? {} : { contentType }),
  };
}

function fieldOf(head: string, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}: ([^\\r]*)`, 'i').exec(head)?.[1];
}
