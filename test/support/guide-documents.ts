// Checks documents of the guide: XML by schemas/ServiceGuide.xsd, XMLTV by the format's grammar.

import { readFileSync } from 'node:fs';
import { DtdValidator, XmlDocument, XmlDtd } from 'libxml2-wasm';
import { createXsdValidator } from '../../schemas/xsd-validator.ts';

const guide = createXsdValidator(new URL('../../schemas/ServiceGuide.xsd', import.meta.url));
const grammar = readFileSync(new URL('../../fixtures/guide/xmltv.dtd', import.meta.url), 'utf8');

/** The name of the root; throws what is wrong with the document. */
export const validGuide = (bytes: Uint8Array): string => guide.readValid(bytes, (root) => root.name);

/** Throws what is wrong with the document. */
export function validXmltv(bytes: Uint8Array): void {
  using document = XmlDocument.fromBuffer(bytes);
  using validator = new DtdValidator(XmlDtd.fromString(grammar));
  validator.validate(document);
}
