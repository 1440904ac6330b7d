// The model of each device in MongoDB, one document a device (V2; ratings R3).

import type { DeviceModel, DeviceModelStore } from '../../viewing/device-models.ts';
import type { MongoDatabase } from './database.ts';
import { isOnlyDuplicates, tellPagedProblems, tellProblems } from './driver-problems.ts';

export interface ModelDocument extends Omit<DeviceModel, 'device'> {
  _id: number;
}

const INDEXES = [
  { key: { viewer: 1 }, name: 'viewer' }, // listOfViewer, removeOfViewer
  { key: { toldAt: 1 }, name: 'age' }, // removeToldBefore
];
const PAGE = 1_000;

export async function createMongoDeviceModelStore(database: MongoDatabase): Promise<DeviceModelStore> {
  const models = await database.collection<ModelDocument>('device_models', INDEXES);
  const port = tellProblems<Omit<DeviceModelStore, 'list'>>(['removeToldBefore'], {
    async put(given) {
      const writes = given.map(documentOf).map(({ _id, ...model }) => ({
        updateOne: { filter: { _id }, update: { $set: model }, upsert: true },
      }));
      if (writes.length === 0) return;
      const write = () => models.bulkWrite(writes, { ordered: false });
      await write().catch((error: unknown) => {
        if (!isOnlyDuplicates(error)) throw error;
        return write(); // another process was first to add one: now it is there
      });
    },
    async find(devices) {
      return (await models.find({ _id: { $in: [...devices] } }).toArray()).map(modelOf);
    },
    async listOfViewer(viewer) {
      const found = await models.find({ viewer }).toArray();
      return found.map(modelOf).sort((one, other) => one.device - other.device);
    },
    async removeOfViewer(viewer) {
      await models.deleteMany({ viewer });
    },
    async removeToldBefore(at) {
      return (await models.deleteMany({ toldAt: { $lt: at } })).deletedCount;
    },
  });
  const list = tellPagedProblems(async function* () {
    let page: DeviceModel[] = [];
    for await (const document of models.find({ _id: { $gte: 0 } }).batchSize(PAGE)) {
      page.push(modelOf(document));
      if (page.length < PAGE) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  });
  return { ...port, list };
}

export const documentOf = ({ device, ...model }: DeviceModel): ModelDocument => ({ _id: device, ...model });
export const modelOf = ({ _id, ...model }: ModelDocument): DeviceModel => ({ device: _id, ...model });
