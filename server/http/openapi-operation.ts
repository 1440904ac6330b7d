// Short builders for the paths of an OpenAPI 3.1 document: parameters, bodies, answers, roles, problems (O1, O7, O11).

import type { ProblemCode } from '../problem.ts';
import type { Role } from './caller.ts';
import { type Schema, text, whole } from './openapi-schema.ts';
import type { ProblemFormat } from './problem-encoder.ts';
import { type Bounds, LONGEST_TEXT, PAGE } from './query.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What a router's `…-openapi.ts` says of it: to be listed in server/openapi.ts. */
export interface OpenapiPart {
  tag: { name: string; description: string };
  paths: Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>;
  schemas?: Readonly<Record<string, Schema>>;
}

export interface Parameter {
  name: string;
  in: 'query' | 'path';
  description: string;
  required: boolean;
  schema: Schema;
  example?: string;
}

interface Media {
  description: string;
  /** Of a body; default true. */
  required?: boolean;
  content: Readonly<Record<string, { schema: Schema; example?: unknown }>>;
}

export interface Answer {
  description: string;
  content?: Media['content'];
  headers?: Readonly<Record<string, { description: string; schema: Schema }>>;
}

export interface Operation {
  summary: string;
  description?: string;
  /** Who may; empty: anybody, without credentials. */
  roles: readonly Role[];
  parameters?: readonly Parameter[];
  body?: Media;
  /** By status. */
  answers: Readonly<Record<number, Answer>>;
  /** What can go wrong besides what goes wrong everywhere: credentials, role, parameters, body, store. */
  problems?: readonly ProblemCode[];
  /** The form of its problems; default json. `either`: by what is asked for. */
  form?: ProblemFormat | 'either';
}

export const query = (name: string, schema: Schema, description: string): Parameter => ({
  name,
  in: 'query',
  description,
  required: false,
  schema,
});

export const required = (parameter: Parameter, example: string): Parameter => ({
  ...parameter,
  required: true,
  example,
});

export const textQuery = (name: string, description: string): Parameter =>
  query(name, text(undefined, { minLength: 1, maxLength: LONGEST_TEXT }), description);

/** The first choice holds when it is absent. */
export const choiceQuery = (name: string, choices: readonly string[], description: string): Parameter =>
  query(name, text(undefined, { enum: choices, default: choices[0] }), description);

export const wholeQuery = (name: string, bounds: Bounds, description: string, otherwise?: number): Parameter => {
  const { least: minimum, most: maximum } = bounds;
  return query(
    name,
    whole(undefined, { minimum, maximum, ...(otherwise === undefined ? {} : { default: otherwise }) }),
    description,
  );
};

export const decimalQuery = (name: string, { least, most }: Bounds, description: string): Parameter =>
  query(name, { type: 'number', minimum: least, maximum: most }, description);

export const instantQuery = (name: string, description: string): Parameter =>
  query(
    name,
    text(undefined, { anyOf: [{ format: 'date-time' }, { format: 'date' }] }),
    `${description} ISO 8601 with a zone, or a date: its midnight in UTC.`,
  );

/** `limit` and `after`, of every list that comes in pages. */
export const paging: readonly Parameter[] = [
  wholeQuery('limit', PAGE, 'Rows of a page.', PAGE.otherwise),
  query('after', text(undefined, { minLength: 1 }), 'The `next` of the page before.'),
];

export const path = (name: string, description: string, example: string): Parameter => ({
  name,
  in: 'path',
  description,
  required: true,
  schema: text(),
  example,
});

/** A JSON body, or an answer. */
export const json = (schema: Schema, description = 'As JSON', example?: unknown): Media => ({
  description,
  content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } },
});

/** A document of an XSD in the folder schemas. */
export const xml = (xsd: string, description: string, example?: string, types = ['application/xml']): Media => {
  const schema = text(`A document of schemas/${xsd}`, { contentMediaType: 'application/xml', 'x-xsd': xsd });
  const media = { schema, ...(example === undefined ? {} : { example }) };
  return { description, content: Object.fromEntries(types.map((type) => [type, media])) };
};

export const csv = (description: string, example?: string): Media => ({
  description,
  content: {
    'text/csv': { schema: text('RFC 4180 with a header line'), ...(example === undefined ? {} : { example }) },
  },
});

export const html = (description: string): Media => ({
  description,
  content: { 'text/html': { schema: text() } },
});

export const plain = (description: string): Media => ({
  description,
  content: { 'text/plain': { schema: text() } },
});

/** The same in several media types, by Accept. */
export const oneOf = (...media: readonly Media[]): Media => ({
  description: media.map(({ description }) => description).join('; '),
  content: Object.assign({}, ...media.map(({ content }) => content)),
});

export const nothing = (description: string): Answer => ({ description });
