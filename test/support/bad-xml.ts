// A good document made bad in each way that XML knows, with the line on which it is to be told (V18, O11).

export interface BadDocument {
  body: string | Uint8Array;
  status: number;
  /** Absent: it is not read so far, and only the rule is told. */
  line?: number;
}

const LAUGHS = [
  '<!ENTITY l0 "lol">',
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `<!ENTITY l${n} "${`&l${n - 1};`.repeat(10)}">`),
].join('');

/** `good` is one element named `root` on lines of its own, with an attribute and a namespace, and no declaration. */
export function badVersionsOf(good: string, root: string): Record<string, BadDocument> {
  const at = (line: number, body: string): BadDocument => ({ body, status: 400, line });
  const withDoctype = (subset: string): BadDocument => at(1, `<!DOCTYPE ${root} [${subset}]>\n${good}`);
  const declared = (encoding: string): string => `<?xml version="1.0" encoding="${encoding}"?>\n${good}`;
  const last = good.split('\n').length;
  const opened = good.replace(/\s*\/>$/, `></${root}>`);
  const within = (text: string): string => opened.replace(new RegExp(`</${root}>$`), `${text}</${root}>`);
  return {
    'an empty document type': withDoctype(''),
    'an entity': withDoctype('<!ENTITY a "b">'),
    'an external entity': withDoctype('<!ENTITY a SYSTEM "file:///etc/passwd">'),
    'a billion laughs': withDoctype(LAUGHS),
    'an external subset': at(2, `<!-- x -->\n<!DOCTYPE ${root} SYSTEM "http://127.0.0.1:9/a.dtd">${good}`),
    'an entity that nobody declares': at(last, within('&who;')),
    'an element that is not closed': at(last, within('<a>')),
    'half an element': at(1, `<${root}`),
    'another document behind it': at(last + 1, `${good}\n${good}`),
    'words behind it': at(last + 1, `${good}\nx`),
    'the same attribute twice': at(1, good.replace(' xmlns=', ' xmlns="urn:x" xmlns=')),
    'a NUL by reference': at(last, within('&#0;')),
    'another namespace': at(1, good.replace(/xmlns="[^"]*"/, 'xmlns="urn:x"')),
    'no namespace': at(1, good.replace(/ xmlns="[^"]*"/, '')),
    'another root': at(1, '<Stranger/>'),
    'an attribute that nobody knows': at(1, good.replace(' xmlns=', ' strange="1" xmlns=')),
    'an element that nobody knows': at(last, within('<strange/>')),
    'a text where there is none': at(1, within('x')),
    'deep nesting': at(last, within('<a>'.repeat(400) + '</a>'.repeat(400))),
    'no XML': at(1, 'hello'),
    JSON: at(1, '{}'),
    'UTF-8 that is Latin-1': { body: Buffer.from(`${good}<!-- é -->`, 'latin1'), status: 400 },
    'a lone surrogate': { body: Buffer.concat([Buffer.from(good), Buffer.from([0xed, 0xa0, 0x80])]), status: 400 },
    'Latin-1, as it says': { body: Buffer.from(declared('ISO-8859-1'), 'latin1'), status: 415 },
    'UTF-16': { body: Buffer.from(`\ufeff${declared('UTF-16')}`, 'utf16le'), status: 415 },
  };
}
