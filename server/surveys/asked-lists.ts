// The lists of those asked in surveys that are under way, in memory: each answer is held against one (R11).

import type { Survey } from './survey.ts';
import type { SurveyStore } from './survey-store.ts';

export interface AskedLists {
  /** The survey with its list; undefined when there is no such survey. */
  find(id: string): Promise<AskedList | undefined>;
}

interface AskedList {
  survey: Survey;
  has(device: number): boolean;
}

const MOST = 16; // of a million devices 8 MB each
const PIECES_AT_ONCE = 100;

export function createAskedLists(store: Pick<SurveyStore, 'find' | 'listAsked'>): AskedLists {
  const lists = new Map<string, Promise<AskedList | undefined>>();

  async function load(id: string): Promise<AskedList | undefined> {
    const survey = await store.find(id);
    if (survey === undefined) return undefined;
    const devices = new Float64Array(survey.asked); // ascending, as the pieces are
    let length = 0;
    for (let after = -1; ; ) {
      const pieces = await store.listAsked(survey.seed, after, PIECES_AT_ONCE);
      for (const piece of pieces) {
        devices.set(piece.devices, length);
        length += piece.devices.length;
        after = piece.first;
      }
      if (pieces.length < PIECES_AT_ONCE) break;
    }
    return { survey, has: (device) => isIn(devices.subarray(0, length), device) };
  }

  return {
    find(id) {
      const known = lists.get(id);
      if (known !== undefined) return known;
      const loading = load(id);
      lists.set(id, loading);
      const forget = (): boolean => lists.get(id) === loading && lists.delete(id);
      loading.then((found) => found === undefined && forget(), forget);
      if (lists.size > MOST) lists.delete(lists.keys().next().value ?? '');
      return loading;
    },
  };
}

function isIn(ascending: Float64Array, device: number): boolean {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) < device) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === device;
}
