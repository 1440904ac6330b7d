// Highest attention: what is watched most by time, and what by people, ties on one rank (ratings R8, R17).

/** A service, or a programme on a service, with the time and the people it draws. */
export interface AttentionItem {
  service: string;
  serviceName: string;
  programme?: string;
  title?: string;
  viewerSeconds: number;
  people: number;
}

export interface RankedItem extends AttentionItem {
  /** From 1; equals share a rank, and the next rank counts them all. */
  rank: number;
}

export interface Attention {
  mostWatched: RankedItem[];
  mostPopular: RankedItem[];
}

/** Both orders, down to the rank `limit`, with everything that ties for it. */
export function rankAttention(items: readonly AttentionItem[], limit: number): Attention {
  return {
    mostWatched: rank(items, ({ viewerSeconds }) => viewerSeconds, limit),
    mostPopular: rank(items, ({ people }) => people, limit),
  };
}

function rank(items: readonly AttentionItem[], measure: (item: AttentionItem) => number, limit: number): RankedItem[] {
  const ranked: RankedItem[] = [];
  const sorted = items.toSorted((a, b) => measure(b) - measure(a) || (nameOf(a) < nameOf(b) ? -1 : 1));
  for (const [index, item] of sorted.entries()) {
    const before = ranked.at(-1);
    const place = before !== undefined && measure(before) === measure(item) ? before.rank : index + 1;
    if (place > limit) break;
    ranked.push({ rank: place, ...item });
  }
  return ranked;
}

const nameOf = ({ service, programme }: AttentionItem): string => JSON.stringify([service, programme]);
