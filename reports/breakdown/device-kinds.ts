// Devices by kind: the model as the device tells it (ratings R3; viewing V2).

import type { Segmentation } from '../figures/target.ts';
import { compareNames, UNKNOWN } from './groups.ts';
import { keepReading } from './kept-reading.ts';
import { createNumberIndex } from './number-index.ts';

/** So many models have a name of their own: the most frequent. */
const MODELS_MOST = 100;
/** All the others. */
const OTHER = 'Other';
/** Handsets may make models up; what comes beyond so many is among the others. */
const MODELS_TOLD_MOST = 50_000;

export interface DeviceKinds {
  /** By device, of all that told a model; read once and kept as people are. */
  segmentation(): Promise<Segmentation>;
}

/** `list` gives every device that told a model, in pages. */
export function createDeviceKinds(deps: {
  list(): AsyncIterable<readonly { device: number; model: string }[]>;
  /** For how long a reading is kept; never goes back. */
  elapsedMs: () => number;
}): DeviceKinds {
  return { segmentation: keepReading(() => readKinds(deps.list()), deps.elapsedMs) };
}

async function readKinds(pages: AsyncIterable<readonly { device: number; model: string }[]>): Promise<Segmentation> {
  const index = createNumberIndex();
  const codes = new Map<string, number>();
  const counts = [0]; // by code; 0 is what came when there were too many
  let codeOf = new Uint16Array(1_024);
  for await (const page of pages) {
    for (const { device, model } of page) {
      const before = index.size;
      const place = index.add(device);
      if (place < before) continue;
      let code = codes.get(model) ?? 0;
      if (code === 0 && codes.size < MODELS_TOLD_MOST) {
        code = codes.size + 1;
        codes.set(model, code);
        counts.push(0);
      }
      if (place >= codeOf.length) {
        const larger = new Uint16Array(2 * codeOf.length);
        larger.set(codeOf);
        codeOf = larger;
      }
      codeOf[place] = code;
      counts[code] = (counts[code] ?? 0) + 1;
    }
  }
  const countOf = (model: string): number => counts[codes.get(model) ?? 0] ?? 0;
  // Whoever calls itself Other or Unknown is among them.
  const models = [...codes.keys()].filter((model) => model !== OTHER && model !== UNKNOWN);
  models.sort((one, other) => countOf(other) - countOf(one) || compareNames(one, other));
  const named = models.slice(0, MODELS_MOST).sort(compareNames);
  const names = [...named, OTHER, UNKNOWN];
  const kinds = new Uint8Array(codes.size + 1).fill(named.length);
  for (const [kind, model] of named.entries()) kinds[codes.get(model) ?? 0] = kind;
  const unknown = codes.get(UNKNOWN);
  if (unknown !== undefined) kinds[unknown] = named.length + 1;
  return {
    names,
    segmentOf(_viewer, device) {
      const place = index.find(device);
      return place < 0 ? named.length + 1 : (kinds[codeOf[place] ?? 0] ?? named.length);
    },
  };
}
