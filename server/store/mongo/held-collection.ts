// How a collection of a MongoDB store is read and written as a whole (O3).

import type { Document, Filter } from 'mongodb';

export interface Held<T> {
  collection: string;
  documentOf(item: T): Document;
  itemOf(document: Document): T;
  /** By which field it is read, when not by `_id`: an indexed one. */
  by?: string;
  filter?: Filter<Document>;
  /** Only what is published is held. */
  isOfGuide?: true;
  atOnce?: number;
}

/** Documents have the form that `documentOf` gives them. */
export const held = <T, D extends Document>(
  collection: string,
  documentOf: (item: T) => D,
  itemOf: (document: D) => T,
  more: Partial<Held<T>> = {},
): Held<T> => ({ collection, documentOf, itemOf: itemOf as (document: Document) => T, ...more });
