// Which model each device told last, for figures by kind of device (V2; ratings R3).

import type { Log } from '../log.ts';
import { Problem } from '../problem.ts';
import type { Viewing } from './viewing.ts';

/** `toldAt`, epoch ms, is up to TOLD_AGAIN_MS before the device told it last. */
export interface DeviceModel {
  device: number;
  viewer: number;
  model: string;
  toldAt: number;
}

/** The port: one model a device, the last. */
export interface DeviceModelStore {
  /** Replaces the models of up to 1,000 devices, each given once. Not durable at once: what is lost is told again. */
  put(models: readonly DeviceModel[]): Promise<void>;
  /** Those of these devices, up to 1,000, in any order. */
  find(devices: readonly number[]): Promise<DeviceModel[]>;
  /** All of them, each once, in pages of any order and size. */
  list(): AsyncIterable<DeviceModel[]>;
  /** In order of the device. */
  listOfViewer(viewer: number): Promise<DeviceModel[]>;
  removeOfViewer(viewer: number): Promise<void>;
  /** Removes those told before `at`. Answers how many. */
  removeToldBefore(at: number): Promise<number>;
}

export interface DeviceModels {
  /** Takes what a report tells; kept within seconds, if it is new. */
  note(told: Omit<DeviceModel, 'toldAt'>): void;
  /** Resolves when all that was noted before is kept, or was given up. */
  drain(): Promise<void>;
}

/** A device that goes on telling its model is kept by writing it again once in this time, not at each report. */
export const TOLD_AGAIN_MS = 7 * 86_400_000;
const GATHER_MS = 100; // less than IN_FLIGHT_MS, which is waited for before a user is erased by another process
const AT_ONCE = 1_000;
const WAITING_MOST = 20_000; // more is left to the next report of the device
const REMEMBERED = 2 ** 19; // devices that need no look at the store; 14 MB when all are
const MODELS_REMEMBERED = 10_000;

export function createDeviceModels(deps: { store: DeviceModelStore; clock: () => number; log: Log }): DeviceModels {
  const { store, clock, log } = deps;
  const waiting = new Map<number, DeviceModel>();
  // One device a place: another one that falls there takes it, and the former is looked up in the store again.
  const devices = new Float64Array(REMEMBERED);
  const viewers = new Float64Array(REMEMBERED); // who comes back after an erasure has the device and not the viewer
  const modelOf = new Uint16Array(REMEMBERED);
  const until = new Float64Array(REMEMBERED);
  const numbers = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const remember = ({ device, viewer, model, toldAt }: DeviceModel): void => {
    if (numbers.size === MODELS_REMEMBERED && !numbers.has(model)) {
      numbers.clear();
      until.fill(0);
    }
    const place = device % REMEMBERED;
    devices[place] = device;
    viewers[place] = viewer;
    modelOf[place] = numbers.get(model) ?? numbers.size;
    if (!numbers.has(model)) numbers.set(model, numbers.size);
    until[place] = toldAt + TOLD_AGAIN_MS;
  };
  const knows = ({ device, viewer, model }: Omit<DeviceModel, 'toldAt'>): boolean => {
    const place = device % REMEMBERED;
    if (devices[place] !== device || viewers[place] !== viewer || modelOf[place] !== numbers.get(model)) return false;
    return clock() < (until[place] ?? 0);
  };

  async function keep(): Promise<void> {
    const told = [...waiting.values()].slice(0, AT_ONCE);
    for (const { device } of told) waiting.delete(device);
    const kept = new Map((await store.find(told.map(({ device }) => device))).map((each) => [each.device, each]));
    const isKept = ({ device, model, viewer, toldAt }: DeviceModel): boolean => {
      const found = kept.get(device);
      return found?.model === model && found.viewer === viewer && toldAt < found.toldAt + TOLD_AGAIN_MS;
    };
    const changed = told.filter((each) => !isKept(each));
    if (changed.length > 0) await store.put(changed);
    for (const each of kept.values()) remember(each);
    for (const each of changed) remember(each);
  }

  const drain = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    running = running.then(async () => {
      try {
        while (waiting.size > 0) await keep();
      } catch (error) {
        waiting.clear(); // what is lost is told again
        // That the store is away is told by whoever can't do without it.
        if (!(error instanceof Problem)) log.error({ error }, 'the models of devices cannot be kept');
      }
    });
    return running;
  };

  return {
    note(told) {
      if (knows(told) && !waiting.has(told.device)) return;
      if (waiting.size >= WAITING_MOST) return;
      waiting.set(told.device, { ...told, toldAt: clock() });
      timer ??= setTimeout(drain, GATHER_MS).unref();
    },
    drain,
  };
}

export interface ModelledViewing extends Viewing {
  /** In order of the device. */
  listModels(viewer: number): Promise<DeviceModel[]>;
}

/** The same viewing, which also keeps what its reports tell of devices, as long as sessions are kept, and erases it. */
export function notingModels(
  viewing: Viewing,
  deps: { store: DeviceModelStore; clock: () => number; log: Log },
): ModelledViewing {
  const { store } = deps;
  const models = createDeviceModels(deps);
  return {
    ...viewing,
    async receive(report, reception) {
      const outcome = await viewing.receive(report, reception);
      const model = report.extension?.deviceModel;
      if (model !== undefined && outcome.result === 'recorded') {
        const { device, viewer } = reception;
        models.note({ device, viewer, model });
      }
      return outcome;
    },
    async listModels(viewer) {
      await models.drain();
      return store.listOfViewer(viewer);
    },
    async eraseViewer(viewer) {
      await viewing.eraseViewer(viewer);
      await models.drain();
      await store.removeOfViewer(viewer);
    },
    async removeOld(limits) {
      const removed = await viewing.removeOld(limits);
      return removed + (await store.removeToldBefore(limits.sessionsBefore - TOLD_AGAIN_MS));
    },
    async stop() {
      await viewing.stop();
      await models.drain();
    },
  };
}
