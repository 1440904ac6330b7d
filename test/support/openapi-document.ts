// The OpenAPI document as tests read it, and requests made from its examples.

interface Media {
  schema: Record<string, unknown>;
  example?: unknown;
}

interface OperationObject {
  operationId: string;
  'x-roles': string[];
  security: Record<string, string[]>[];
  parameters?: {
    name: string;
    in: 'query' | 'path';
    required: boolean;
    schema: { type: string; enum?: string[]; minimum?: number; maximum?: number; default?: unknown };
    example?: string;
  }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { $ref?: string; content?: Record<string, Media> }>;
}

export interface OpenapiDocument {
  openapi: string;
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, Record<string, unknown>> };
}

export interface Call extends OperationObject {
  /** Upper case. */
  method: string;
  /** As documented, with names in braces. */
  path: string;
  /** With the examples of its parameters. */
  url: string;
  /** The example of its body. */
  init: { body?: string; type?: string };
}

/** Every operation, with a request that its examples make; throws when an example is missing. */
export function callsOf(document: OpenapiDocument): Call[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => {
      const { parameters = [], requestBody } = operation;
      const exampleOf = (name: string): string => {
        const example = parameters.find((parameter) => parameter.name === name)?.example;
        if (example === undefined) throw new Error(`${path} has no example of ${name}`);
        return encodeURIComponent(example);
      };
      const query = parameters
        .filter((parameter) => parameter.in === 'query' && (parameter.required || parameter.example !== undefined))
        .map(({ name }) => `${name}=${exampleOf(name)}`);
      const url =
        path.replaceAll(/\{(\w+)\}/g, (_, name) => exampleOf(name)) + (query.length > 0 ? `?${query.join('&')}` : '');
      const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
      if (media !== undefined && media.example === undefined)
        throw new Error(`${method} ${path} has no example of a body`);
      const body = typeof media?.example === 'string' ? media.example : JSON.stringify(media?.example);
      const init = type === undefined || body === undefined ? {} : { type, body };
      return { ...operation, method: method.toUpperCase(), path, url, init };
    }),
  );
}

/** `name=value` added to an address. */
export const withQuery = (url: string, query: string): string => `${url}${url.includes('?') ? '&' : '?'}${query}`;

const STREAM = 'text/event-stream';

/** A body that has an end; of a stream the beginning. */
export async function bodyOf(answer: Response): Promise<string> {
  if (!answer.headers.get('content-type')?.startsWith(STREAM)) return await answer.text();
  const reader = answer.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return Buffer.from(value ?? new Uint8Array()).toString();
}

/** Whether the answer has no end. */
export const isStream = ({ responses }: Call): boolean => responses[200]?.content?.[STREAM] !== undefined;
