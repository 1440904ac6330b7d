// Reads the documents that handsets send and packs them for keeping to the byte (V1-V3, V11, V18; O2).

import { XmlElement, XmlXPath } from 'libxml2-wasm';
import { childElementTexts } from '../../schemas/element-slices.ts';
import { createXsdValidator } from '../../schemas/xsd-validator.ts';
import { Problem } from '../problem.ts';
import type { LogReport, PackedDocument } from './report.ts';
import {
  createRecogniser,
  fillTemplate,
  type Match,
  readPlain,
  type Template,
  takeApart,
} from './report-recogniser.ts';
import { findSlot, putValue, type StoredFields, storedValueOf } from './report-values.ts';

export interface ReadDocument {
  report: LogReport;
  document: PackedDocument;
}

export interface ReportReader {
  /** Problem `invalid` (with faults) or `unsupported` (encoding). */
  readReport(body: Buffer): ReadDocument;
  /**
   * A LogReports document: `sentAt` is epoch ms by the sender's clock. A report that breaks the schema is a problem of
   * its own; Problem `invalid` or `unsupported` when the batch around the reports is wrong.
   */
  readBatch(body: Buffer): { sentAt?: number; items: (ReadDocument | { problem: Problem })[] };
  /** Takes up the templates that `onTemplate` has given out before. */
  preload(templates: readonly Template[]): void;
}

const CHILD_ELEMENTS = XmlXPath.compile('*');
const EXTENSION = 'urn:pocketmeter:report:1';
const SEPARATOR = '"'; // can't stand in a value, which is between such quotes

/**
 * `onTemplate` stores a template under its number, idempotently; documents are packed with it once that is done.
 * `seal` encrypts a document that fits no template.
 */
export function createReportReader(deps: {
  seal(text: string): string;
  onTemplate(template: Template): void | Promise<void>;
}): ReportReader {
  const single = createXsdValidator(new URL('../../schemas/LogReport.xsd', import.meta.url));
  const batch = createXsdValidator(new URL('../../schemas/LogReports.xsd', import.meta.url));
  const recogniser = createRecogniser({
    validate: (text) => single.readValid(Buffer.from(text), reportOf),
    onTemplate: deps.onTemplate,
  });

  const pack = (text: string, report: LogReport): PackedDocument => {
    let match = recogniser.match(text);
    if (match === undefined) {
      recogniser.learn(text);
      match = recogniser.match(text);
    }
    const isHeld = match?.slots.every(
      (slot, index) => !slot.isStored || storedValueOf(slot, fieldsOf(report)) === match.values[index],
    );
    return match !== undefined && isHeld === true ? packed(match) : { template: 0, rest: deps.seal(text) };
  };

  return {
    readReport(body) {
      const text = body.toString();
      const match = recogniser.match(text);
      const plain = match === undefined ? undefined : readPlain(match);
      if (match !== undefined && plain !== undefined) return { report: plain, document: packed(match) };
      const report = single.readValid(body, reportOf);
      return { report, document: pack(text, report) };
    },

    readBatch(body) {
      return batch.readWellFormed(body, (root) => {
        const elements = childrenOf(root);
        const refused = elements.map((element) => {
          const faults = element.name === 'LogReport' ? batch.faultsOf(element) : [];
          if (faults.length === 0) return undefined;
          replaceByValid(element);
          return new Problem('invalid', 'the report breaks LogReport.xsd', { faults });
        });
        const faults = batch.faultsOf(root);
        if (root.name !== 'LogReports')
          faults.unshift({ line: root.line, element: root.name, rule: 'LogReports is expected' });
        if (faults.length > 0) throw new Problem('invalid', 'the document breaks LogReports.xsd', { faults });
        const texts = childElementTexts(body.toString());
        const items = elements.map((element, index) => {
          const problem = refused[index];
          if (problem !== undefined) return { problem };
          const report = reportOf(element);
          return { report, document: pack(texts[index] ?? '', report) };
        });
        const sent = root.attr('sent')?.value;
        return { ...(sent === undefined ? {} : { sentAt: Date.parse(sent.trim()) }), items };
      });
    },

    preload: recogniser.preload,
  };
}

/**
 * The exact text of a kept document, from the fields of the stored report with its sender's user, IMSI and device id.
 * `templateText` is the text stored under the document's template number; `open` undoes `seal`.
 */
export function unpackDocument(
  document: PackedDocument,
  fields: StoredFields,
  templateText: string | undefined,
  open: (sealed: string) => string,
): string {
  if (document.template === 0) return open(document.rest);
  if (templateText === undefined) throw new Error(`template ${document.template} is not stored`);
  const rest = document.rest.split(SEPARATOR);
  let next = 0;
  const values = takeApart(templateText).slots.map((slot) => {
    if (slot.isStored) return storedValueOf(slot, fields) ?? '';
    next += 1;
    return rest[next - 1] ?? '';
  });
  return fillTemplate(templateText, values);
}

function packed({ template, slots, values }: Match): PackedDocument {
  let rest = '';
  let separator = '';
  for (let index = 0; index < slots.length; index += 1) {
    if (slots[index]?.isStored !== false) continue;
    rest += separator + values[index];
    separator = SEPARATOR;
  }
  return { template, rest };
}

function fieldsOf({ extension, ...report }: LogReport): StoredFields {
  return { ...extension, ...report };
}

/** What a valid LogReport element says. */
function reportOf(root: XmlElement): LogReport {
  const report: LogReport = { type: 'LogInInfo', user: '', service: '', programme: '' };
  for (const element of childrenOf(root)) {
    if (element.namespaceUri === '') {
      const name = `${element.name}_Type`;
      const value = element.attr(name)?.value ?? '';
      const slot = findSlot(name);
      if (slot !== undefined) putValue(report, slot, value);
      else if (value.trim() === 'LogOutInfo') report.type = 'LogOutInfo';
    } else if (element.namespaceUri === EXTENSION && element.name === 'Report' && report.extension === undefined) {
      report.extension = {};
      for (const { name, namespaceUri, value } of element.attrs) {
        const slot = namespaceUri === '' ? findSlot(name) : undefined;
        if (slot !== undefined) putValue(report, slot, value);
      }
    }
  }
  return report;
}

/** By XPath: the binding's own walk stops at a processing instruction. */
const childrenOf = (element: XmlElement): XmlElement[] =>
  element.find(CHILD_ELEMENTS).filter((node) => node instanceof XmlElement);

/** So that the rest of a batch can be validated as it stands, number of reports included. */
function replaceByValid(report: XmlElement): void {
  for (const attribute of report.attrs) attribute.remove();
  while (report.firstChild !== null) report.firstChild.remove();
  for (const name of ['Message_Type', 'User_ID', 'Service_ID', 'Program_ID']) {
    report.addElement(name).setAttr(`${name}_Type`, name === 'Message_Type' ? 'LogInInfo' : '');
  }
}
