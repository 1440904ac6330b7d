// What processes tell each other of their event streams in MongoDB: one document a process, which removes itself (G15, V15).

import { Binary } from 'mongodb';
import type { StreamSignStore } from '../../push/event-store.ts';
import type { MongoDatabase } from './database.ts';
import { insertIfAbsent, tellProblems } from './driver-problems.ts';

interface SignsDocument {
  /** The process. */
  _id: string;
  through: number;
  /** 8 bytes a number, as 50,000 in an array would have 700 KB with their places as names. */
  devices: Binary;
  viewers: Binary;
  /** By the server's clock. */
  putAt: Date;
  expiresAt: Date;
}

const INDEXES = [
  { key: { expiresAt: 1 }, name: 'expiry', expireAfterSeconds: 0 }, // listOthers
];

export async function createMongoStreamSignStore(database: MongoDatabase): Promise<StreamSignStore> {
  const signs = await database.collection<SignsDocument>('stream_signs', INDEXES);
  return tellProblems<StreamSignStore>([], {
    async put({ process, through, devices, viewers }, keepMs) {
      const set = {
        through,
        devices: packed(devices),
        viewers: packed(viewers),
        expiresAt: new Date(Date.now() + keepMs),
      };
      const change = { $set: set, $currentDate: { putAt: true as const } };
      const { matchedCount } = await signs.updateOne({ _id: process }, change);
      if (matchedCount > 0) return;
      await insertIfAbsent(signs, { _id: process, ...set, putAt: new Date(0) });
      await signs.updateOne({ _id: process }, change);
    },

    async listOthers(process, at) {
      const alive = { expiresAt: { $gt: new Date() } };
      const names = await signs.find(alive, { projection: { putAt: 1 } }).toArray();
      const others = names.filter(({ _id }) => _id !== process);
      const fresh = others.filter(({ putAt }) => at === undefined || putAt.getTime() >= at).map(({ _id }) => _id);
      const said = fresh.length === 0 ? [] : await signs.find({ _id: { $in: fresh } }).toArray();
      const byProcess = new Map(said.map((document) => [document._id, document]));
      return others.map(({ _id, putAt }) => {
        const document = byProcess.get(_id);
        return {
          process: _id,
          putAt: (document ?? { putAt }).putAt.getTime(),
          ...(document === undefined ? {} : { signs: signsOf(document) }),
        };
      });
    },

    async remove(process) {
      await signs.deleteOne({ _id: process });
    },
  });
}

const packed = (numbers: readonly number[]): Binary => new Binary(Buffer.from(Float64Array.from(numbers).buffer));

function unpacked({ buffer }: Binary): number[] {
  const bytes = Uint8Array.from(buffer); // of its own: a view needs an aligned start
  return [...new Float64Array(bytes.buffer, 0, bytes.length / Float64Array.BYTES_PER_ELEMENT)];
}

const signsOf = ({ _id, through, devices, viewers }: SignsDocument) => ({
  process: _id,
  through,
  devices: unpacked(devices),
  viewers: unpacked(viewers),
});
