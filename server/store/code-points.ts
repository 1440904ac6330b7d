// The order in which both stores list texts: by code points, as their bytes in UTF-8 lie. JavaScript's own is by UTF-16 units.

/** For sort: negative, 0 or positive. Differs from `<` only where a character beyond U+FFFF meets one from U+E000 on. */
export function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one !== other) return rankOf(one) - rankOf(other);
  }
  return a.length - b.length;
}

/** Surrogates, which stand for what is beyond U+FFFF, go behind all other units. */
const rankOf = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);
