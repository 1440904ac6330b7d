// Sealed hours in MongoDB: a document a block, a document a seal (ratings R18).

import { Binary } from 'mongodb';
import type { Seal, SealedHourStore, StoredBlock } from '../../../reports/viewing/sealed-hour-store.ts';
import type { MongoDatabase } from './database.ts';
import { insertIfAbsent, isOnlyDuplicates, tellPagedProblems, tellProblems } from './driver-problems.ts';

interface BlockDocument extends Omit<StoredBlock, 'bytes'> {
  _id: string;
  bytes: Binary;
}

type SealDocument = Omit<Seal, 'hour'> & { _id: number };

const INDEXES = [
  { key: { hour: 1 }, name: 'hour' }, // finish; removeUnused; removeBefore
  { key: { lastViewer: 1, firstViewer: 1 }, name: 'viewer' }, // listSpanning
];
const PATIENT = ['removeBefore'] as const;
const BLOCKS_AT_ONCE = 4; // each open reading holds so many

/** In the order of numbers: a lane is a range of names. */
const nameOf = ({ hour, attempt, lane }: Pick<StoredBlock, 'hour' | 'attempt' | 'lane'>, number: number): string =>
  `${hour.toString(36)}/${attempt}/${lane}/${String(number).padStart(6, '0')}`;

export async function createMongoSealedHourStore(database: MongoDatabase): Promise<SealedHourStore> {
  const [blocks, seals] = await Promise.all([
    database.collection<BlockDocument>('sealed_blocks', INDEXES),
    database.collection<SealDocument>('sealed_hours'),
  ]);
  return {
    ...tellProblems<Omit<SealedHourStore, 'readLane' | 'listSpanning'>>(PATIENT, {
      async putBlock({ bytes, ...block }) {
        const document = { ...block, bytes: new Binary(bytes) };
        const _id = nameOf(block, block.number);
        if (block.edition === 0) return insertIfAbsent(blocks, { _id, ...document });
        return (await blocks.replaceOne({ _id, edition: block.edition - 1 }, document)).matchedCount === 1;
      },

      async finish({ hour, ...seal }) {
        const there = await blocks.countDocuments({ hour, attempt: seal.attempt });
        if (there !== seal.lanes.reduce((sum, lane) => sum + lane.blocks, 0)) return false;
        try {
          await seals.replaceOne({ _id: hour }, seal, { upsert: true });
        } catch (error) {
          if (isOnlyDuplicates(error)) return false; // another was quicker
          throw error;
        }
        return true;
      },

      async listSeals(from, to) {
        const found = await seals
          .find({ _id: { $gte: from, $lt: to } })
          .sort({ _id: 1 })
          .toArray();
        return found.map(({ _id, ...seal }) => ({ hour: _id, ...seal }));
      },

      async moveVersion(hour, before, after) {
        await seals.updateOne({ _id: hour, version: before }, { $set: { version: after } });
      },

      async removeUnused(hour) {
        const attempt = (await seals.findOne({ _id: hour }))?.attempt;
        await blocks.deleteMany({ hour, ...(attempt === undefined ? {} : { attempt: { $ne: attempt } }) });
      },

      async removeBefore(at) {
        await seals.deleteMany({ _id: { $lt: at } });
        await blocks.deleteMany({ hour: { $lt: at } });
      },
    }),

    readLane: tellPagedProblems(async function* (seal: Seal, lane: number) {
      const place = { hour: seal.hour, attempt: seal.attempt, lane };
      const count = seal.lanes[lane]?.blocks ?? 0;
      if (count === 0) return;
      const range = { _id: { $gte: nameOf(place, 0), $lt: nameOf(place, count) } };
      const found = blocks
        .find(range, { projection: { bytes: 1 } })
        .sort({ _id: 1 })
        .batchSize(BLOCKS_AT_ONCE);
      for await (const { bytes } of found) yield bytes.value();
    }),

    listSpanning: tellPagedProblems(async function* (viewer: number) {
      const spanning = { lastViewer: { $gte: viewer }, firstViewer: { $lte: viewer } };
      const found = blocks.find(spanning).batchSize(BLOCKS_AT_ONCE);
      for await (const { _id, bytes, ...block } of found) yield { ...block, bytes: bytes.value() };
    }),
  };
}
