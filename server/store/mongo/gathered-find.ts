// Look-ups of single documents, gathered: what is asked for while one read is in flight shares the next.

import type { Collection, Filter, WithId } from 'mongodb';

const MOST = 1_000; // names in one read

/** Finds a document by its _id, a text or a number. Rejects as the driver does. */
export function gatherFinds<T extends { _id: string | number }>(
  collection: Collection<T>,
): (id: T['_id']) => Promise<WithId<T> | undefined> {
  const waiting = new Map<T['_id'], PromiseWithResolvers<WithId<T> | undefined>>();
  let isReading = false;

  async function read(): Promise<void> {
    isReading = true;
    await new Promise((resolve) => setImmediate(resolve)); // the requests of one turn of the event loop belong together
    while (waiting.size > 0) {
      const asked = [...waiting].slice(0, MOST);
      for (const [id] of asked) waiting.delete(id);
      try {
        const filter = { _id: { $in: asked.map(([id]) => id) } } as Filter<T>;
        const documents = await collection.find(filter).toArray();
        const found = new Map(documents.map((document) => [document._id as T['_id'], document]));
        for (const [id, { resolve }] of asked) resolve(found.get(id));
      } catch (error) {
        for (const [, { reject }] of asked) reject(error);
      }
    }
    isReading = false;
  }

  return (id) => {
    const known = waiting.get(id) ?? Promise.withResolvers<WithId<T> | undefined>();
    waiting.set(id, known);
    if (!isReading) read();
    return known.promise;
  };
}
