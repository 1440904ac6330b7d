// A peer that speaks just enough of MongoDB's wire protocol to say what real servers say seldom: too old, not primary, silent.

import { createServer, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';
import { type Listening, listenOn } from './listening.ts';

const HEADER_BYTES = 16; // length, request id, response to, operation
const OP_REPLY = 1;
const OP_QUERY = 2_004; // the first hello of a connection may come in the old form
const OP_MSG = 2_013;

/** A document; or nothing, with the line left open or dropped. */
export type Answer = Document | 'silence' | 'drop';

/** Answers `hello` with `hello` and other commands with `answer`, ok when that is absent. */
export async function startMongoPeer(deps: {
  hello?: Document;
  answer?: (command: Document) => Answer;
}): Promise<Listening & { uri: string }> {
  const hello = {
    ok: 1,
    isWritablePrimary: true,
    minWireVersion: 0,
    maxWireVersion: 21,
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    ...deps.hello,
  };
  const reply = (command: Document): Answer => {
    if ('hello' in command || 'ismaster' in command || 'isMaster' in command) return hello;
    if ('buildInfo' in command || 'buildinfo' in command) return { ok: 1, version: '0.0.1' };
    return deps.answer === undefined ? { ok: 1 } : deps.answer(command);
  };
  const server = createServer((socket) => {
    let waiting = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      waiting = Buffer.concat([waiting, chunk]);
      while (waiting.length >= HEADER_BYTES && waiting.length >= waiting.readInt32LE(0)) {
        const message = waiting.subarray(0, waiting.readInt32LE(0));
        waiting = waiting.subarray(message.length);
        respond(socket, message, reply);
      }
    });
  });
  const listening = await listenOn(server);
  return { ...listening, uri: `mongodb://user:s3cret@127.0.0.1:${listening.port}/?authMechanism=PLAIN` };
}

function respond(socket: Socket, message: Buffer, reply: (command: Document) => Answer): void {
  const isOld = message.readInt32LE(12) === OP_QUERY;
  const start = isOld ? message.indexOf(0, HEADER_BYTES + 4) + 1 + 8 : HEADER_BYTES + 5;
  const document = reply(BSON.deserialize(message.subarray(start, start + message.readInt32LE(start))));
  if (document === 'silence') return;
  if (document === 'drop') return void socket.destroy();
  const body = BSON.serialize(document as Document);
  const head = Buffer.alloc(HEADER_BYTES + (isOld ? 20 : 5));
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(message.readInt32LE(4), 8);
  head.writeInt32LE(isOld ? OP_REPLY : OP_MSG, 12);
  if (isOld) head.writeInt32LE(1, HEADER_BYTES + 16);
  socket.write(Buffer.concat([head, body]));
}
