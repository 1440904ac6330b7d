// What a cursor gives one by one, in pages.

/** Pages of `size`, the last one shorter; `first` goes before. */
export async function* inPages<T>(
  found: AsyncIterable<T>,
  size: number,
  first: readonly T[] = [],
): AsyncGenerator<T[]> {
  let page: T[] = [...first];
  for await (const item of found) {
    page.push(item);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
