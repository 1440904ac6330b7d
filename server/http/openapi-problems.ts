// The problems of an operation in an OpenAPI 3.1 document: which can happen, in which form (O5, O11; RFC 9457).

import type { ProblemCode } from '../problem.ts';
import type { Answer, Operation } from './openapi-operation.ts';
import { listOf, object, ref, type Schema, text, whole } from './openapi-schema.ts';
import { type ProblemFormat, STATUS, TITLE } from './problem-encoder.ts';

/** Of problem+json, and of problem+xml as RFC 9457, appendix B, has it. */
export const problemSchema: Schema = {
  ...object(
    {
      type: text('urn:pocketmeter:problem: and the code'),
      title: text('What the code says, in words'),
      status: whole('The status of the answer'),
      detail: text('What is wrong with this request'),
      code: text('Stable: to be told apart by programs', { enum: Object.keys(STATUS) }),
      requestId: text('Leads to the server’s log'),
    },
    {
      faults: listOf(
        {
          ...object({ rule: text('What is broken there') }, { line: whole('From 1'), element: text('Where it is') }),
          xml: { name: 'i' },
        },
        'The places in the input that are wrong',
      ),
    },
  ),
  xml: { name: 'problem', namespace: 'urn:ietf:rfc:7807' },
};

const CREDENTIALS: readonly Code[] = ['unauthorized', 'forbidden', 'rate_limited', 'unavailable'];
const BODY: readonly Code[] = ['too_large', 'unsupported'];
const HEADERS: Partial<Record<ProblemCode, [name: string, description: string]>> = {
  unauthorized: ['WWW-Authenticate', 'How to log in'],
  rate_limited: ['Retry-After', 'Seconds'],
  unavailable: ['Retry-After', 'Seconds'],
};

type Code = ProblemCode | 'internal';

type Form = ProblemFormat | 'either';

const nameOf = (code: Code, form: Form): string => (form === 'json' ? code : `${code}-${form}`);

/** For components/responses: every problem in each form. */
export const problemResponses: Readonly<Record<string, Answer>> = Object.fromEntries(
  (Object.keys(STATUS) as Code[]).flatMap((code) =>
    (['json', 'xml', 'either'] as const).map((form): [string, Answer] => {
      const header = code === 'internal' ? undefined : HEADERS[code];
      return [
        nameOf(code, form),
        {
          description: `\`${code}\`: ${TITLE[code]}`,
          ...(header === undefined ? {} : { headers: { [header[0]]: { description: header[1], schema: text() } } }),
          content: Object.fromEntries(
            (form === 'either' ? ['json', 'xml'] : [form]).map((each) => [
              `application/problem+${each}`,
              { schema: ref('Problem') },
            ]),
          ),
        },
      ];
    }),
  ),
);

/** By status: what the operation names, and what its roles, parameters and body bring about. */
export function problemAnswers(operation: Operation): Record<string, { $ref: string }> {
  const { roles, parameters = [], body, problems = [], form = 'json' } = operation;
  const codes = new Set<Code>([...problems, 'internal']);
  if (roles.length > 0) for (const code of CREDENTIALS) codes.add(code);
  if (parameters.length > 0 || body !== undefined || roles.includes('handset')) codes.add('invalid');
  if (body !== undefined) for (const code of BODY) codes.add(code);
  return Object.fromEntries(
    [...codes].map((code) => [STATUS[code], { $ref: `#/components/responses/${nameOf(code, form)}` }]),
  );
}
