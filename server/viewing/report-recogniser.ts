// Knows again the documents that handsets send all the time (V1, V11): a template is the text of a validated document
// with holes for the values that the schema leaves free. What fits one with plain values is valid without a parser.

import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { LogReport } from './report.ts';
import { findSlot, isPlain, probeOf, putValue, type Slot } from './report-values.ts';

/** A stored template: a document with its free values left out, and a number made from that text (below 2^48). */
export interface Template {
  template: number;
  text: string;
}

/** A text that fits a template, with the values as they stand in it, one for each slot. */
export interface Match {
  template: number;
  type: LogReport['type'];
  slots: readonly Slot[];
  values: readonly string[];
}

interface Recogniser {
  /** Fits a text to the templates; says nothing of the values. */
  match(text: string): Match | undefined;
  /** Makes a template of a valid document, if there is room and a trial shows that its holes are what they seem. */
  learn(text: string): void;
  /** Takes up templates that were stored. */
  preload(templates: readonly Template[]): void;
}

/** Real fleets send a dozen shapes; the bound is for those who make them up. */
export const TEMPLATE_LIMIT = 256;
const TEMPLATE_LENGTH = 4_096;

// The grammar of what is learned: tags with double-quoted values, white space between them, nothing else.
const DECLARATION = /\uFEFF?(?:<\?xml [^<>&'?]*\?>)?/y;
const TAG = /[ \t\r\n]*<\/?[A-Za-z_][\w.:-]*(?:[ \t\r\n]+[A-Za-z_][\w.:-]*="[^"<&]*")*[ \t\r\n]*\/?>/y;
const ATTRIBUTE = /[ \t\r\n]([A-Za-z_][\w.:-]*)="([^"]*)"/g;
const CONSTANT = /^(?:Message_Type_Type|xmlns(?::[\w.-]+)?|[\w.-]+:(?:schemaLocation|noNamespaceSchemaLocation))$/;
const NOT_SPACE = /[^ \t\r\n]/;

/** A template taken apart: `literals` stand before, between and after the values of `slots`. */
interface Shape {
  template: number;
  type: LogReport['type'];
  literals: string[];
  slots: Slot[];
}

/** Templates that begin alike share nodes: a text is compared once with what it may go on with. */
interface Node {
  literal: string;
  next: Node[];
  /** The template that ends with this literal. */
  shape: Shape | undefined;
}

/**
 * `validate` reads a document by the schema's validator and throws when it is not valid. `onTemplate` stores a new
 * template; it is used only once that is done, so that what is packed with it can be unpacked after any crash.
 */
export function createRecogniser(deps: {
  validate(text: string): LogReport;
  onTemplate(template: Template): void | Promise<void>;
}): Recogniser {
  const root: Node = { literal: '', next: [], shape: undefined };
  const known = new Set<number>();

  const add = ({ shape }: { shape: Shape }): void => {
    let node = root;
    for (const [index, literal] of shape.literals.entries()) {
      const isLast = index === shape.slots.length;
      let next = node.next.find((other) => other.literal === literal && (other.shape !== undefined) === isLast);
      if (next === undefined) {
        next = { literal, next: [], shape: isLast ? shape : undefined };
        node.next.push(next);
      }
      node = next;
    }
  };

  /** Takes a template apart if the validator accepts it filled with probes, and finds each where its name says. */
  const tryOut = (text: string): Shape | undefined => {
    const { literals, slots } = takeApart(text);
    const type = /Message_Type_Type="(LogInInfo|LogOutInfo)"/.exec(text)?.[1];
    if ((type !== 'LogInInfo' && type !== 'LogOutInfo') || new Set(slots).size !== slots.length) return undefined;
    const probes = slots.map(probeOf);
    const expected = readPlain({ template: 0, type, slots, values: probes });
    try {
      if (!isDeepStrictEqual(deps.validate(fillTemplate(text, probes)), expected)) return undefined;
    } catch {
      return undefined; // whatever stands in the way, the document just takes the slow path
    }
    return { template: numberOf(text), type, literals, slots };
  };

  return {
    match(text) {
      const values: string[] = [];
      let node = root;
      let at = 0;
      for (;;) {
        const next = follow(node, text, at);
        if (next === undefined) return undefined;
        if (next.shape !== undefined) return { ...next.shape, values };
        at += next.literal.length;
        const end = text.indexOf('"', at);
        if (end < 0) return undefined;
        values.push(text.slice(at, end));
        at = end;
        node = next;
      }
    },

    learn(text) {
      if (known.size >= TEMPLATE_LIMIT || text.length > TEMPLATE_LENGTH) return;
      const emptied = withoutValues(text);
      if (emptied === undefined || known.has(numberOf(emptied))) return;
      const shape = tryOut(emptied);
      if (shape === undefined) return;
      known.add(shape.template);
      const stored = deps.onTemplate({ template: shape.template, text: emptied });
      if (stored === undefined) add({ shape });
      else
        stored.then(
          () => add({ shape }),
          () => known.delete(shape.template), // not stored: learned anew when it comes again
        );
    },

    preload(templates) {
      for (const { text } of templates) {
        if (known.size >= TEMPLATE_LIMIT) return;
        const shape = tryOut(text); // anew: the schema may have changed since
        if (shape === undefined || known.has(shape.template)) continue;
        known.add(shape.template);
        add({ shape });
      }
    },
  };
}

/** The report of a match when all its values are plain: then the schema accepts the document, and this is what it says. */
export function readPlain({ type, slots, values }: Match): LogReport | undefined {
  const report: LogReport = { type, user: '', service: '', programme: '' };
  for (let index = 0; index < slots.length; index += 1) {
    const slot = slots[index];
    const value = values[index];
    if (slot === undefined || value === undefined || !isPlain(slot, value)) return undefined;
    putValue(report, slot, value);
  }
  return report;
}

/** Puts values, in their order, into the holes of a template's text. */
export function fillTemplate(text: string, values: readonly string[]): string {
  return takeApart(text)
    .literals.map((literal, index) => literal + (values[index] ?? ''))
    .join('');
}

/** Takes a template's text apart at its holes: a value after each literal but the last. */
export function takeApart(text: string): { literals: string[]; slots: Slot[] } {
  const literals: string[] = [];
  const slots: Slot[] = [];
  let from = 0;
  for (const found of text.matchAll(ATTRIBUTE)) {
    const slot = findSlot(found[1] ?? '');
    if (slot === undefined) continue;
    const to = found.index + found[0].length - 1;
    literals.push(text.slice(from, to));
    slots.push(slot);
    from = to;
  }
  literals.push(text.slice(from));
  return { literals, slots };
}

function follow(node: Node, text: string, at: number): Node | undefined {
  for (const next of node.next) {
    if (text.startsWith(next.literal, at) && (next.shape === undefined || at + next.literal.length === text.length)) {
      return next;
    }
  }
  return undefined;
}

/** The document without its free values; undefined when it is more than tags and known attributes. */
function withoutValues(text: string): string | undefined {
  DECLARATION.lastIndex = 0;
  DECLARATION.test(text);
  const start = DECLARATION.lastIndex;
  let end = start;
  TAG.lastIndex = start;
  while (TAG.test(text)) end = TAG.lastIndex;
  if (NOT_SPACE.test(text.slice(end))) return undefined;
  let isKnown = true;
  const emptied = text.slice(start).replace(ATTRIBUTE, (whole: string, name: string) => {
    if (findSlot(name) !== undefined) return `${whole.slice(0, whole.indexOf('"'))}""`;
    isKnown &&= CONSTANT.test(name);
    return whole;
  });
  return isKnown ? text.slice(0, start) + emptied : undefined;
}

function numberOf(text: string): number {
  return Number.parseInt(hash('sha256', text).slice(0, 12), 16); // 48 bits: in any process a text has the same number
}
