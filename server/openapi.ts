// Puts together what the routers say of themselves as one OpenAPI 3.1 document (O7; spec.openapis.org/oas/v3.1.1).

import { readFileSync } from 'node:fs';
import { liveOpenapi } from '../reports/live/live-openapi.ts';
import { overlapOpenapi } from '../reports/overlap/overlap-openapi.ts';
import { preferencesOpenapi } from '../reports/preferences/preferences-openapi.ts';
import { qualityOpenapi } from '../reports/quality/quality-openapi.ts';
import { reportsOpenapi } from '../reports/ratings/reports-openapi.ts';
import { resourcesOpenapi } from '../reports/resources/resources-openapi.ts';
import { deliveryOpenapi } from '../sg/delivery-openapi.ts';
import { guideOpenapi } from '../sg/guide-openapi.ts';
import { purchaseItemsOpenapi } from '../sg/purchase-items-openapi.ts';
import { ROLES } from './accounts/account.ts';
import { accountsOpenapi } from './accounts/accounts-openapi.ts';
import { userDataOpenapi } from './accounts/user-data-openapi.ts';
import type { OpenapiPart, Operation } from './http/openapi-operation.ts';
import { problemAnswers, problemResponses, problemSchema } from './http/openapi-problems.ts';
import { jobsOpenapi } from './jobs-openapi.ts';
import { keysOpenapi } from './keys/keys-openapi.ts';
import { operationsOpenapi } from './operations-openapi.ts';
import { eventsOpenapi } from './push/events-openapi.ts';
import { pushesOpenapi } from './push/pushes-openapi.ts';
import { subscriptionsOpenapi } from './subscriptions/subscriptions-openapi.ts';
import { surveysOpenapi } from './surveys/surveys-openapi.ts';
import { sessionsOpenapi } from './viewing/sessions-openapi.ts';
import { viewingOpenapi } from './viewing/viewing-openapi.ts';

const PARTS: readonly OpenapiPart[] = [
  viewingOpenapi,
  sessionsOpenapi,
  reportsOpenapi,
  overlapOpenapi,
  liveOpenapi,
  resourcesOpenapi,
  qualityOpenapi,
  preferencesOpenapi,
  deliveryOpenapi,
  subscriptionsOpenapi,
  keysOpenapi,
  purchaseItemsOpenapi,
  guideOpenapi,
  eventsOpenapi,
  pushesOpenapi,
  surveysOpenapi,
  accountsOpenapi,
  userDataOpenapi,
  jobsOpenapi,
  operationsOpenapi,
];

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const DESCRIPTION = `Audience measurement for mobile TV. Lists answer \`{items, next}\`: \`next\`, when it is there, is the \`after\`
of the page that follows. Times are ISO 8601 in UTC, windows half-open. Faults are problems (RFC 9457) with a stable \`code\`: in XML at
the handsets' addresses, in JSON at all others. \`x-roles\` says who may; where it is empty, anybody. Every answer has an
X-Request-Id, which leads to the server's log.`;

const SECURITY_SCHEMES = {
  digest: {
    type: 'http',
    scheme: 'digest',
    description: 'Handsets: RFC 2617 with MD5, or RFC 7616 with SHA-256; qop auth or auth-int',
  },
  basic: { type: 'http', scheme: 'basic', description: 'Everybody else, over TLS (RFC 7617)' },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'Everybody else: a token that an administrator has made (RFC 6750)',
  },
};

/** The document, fit for JSON. Throws when two parts describe the same thing. */
export function createOpenapi(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { tag, paths: own } of PARTS) {
    for (const [path, methods] of Object.entries(own)) {
      const operations = Object.entries(methods).map(([method, operation]) => [
        method,
        writeOperation(method, path, operation, tag.name),
      ]);
      paths[path] = disjoint(path, [paths[path] ?? {}, Object.fromEntries(operations)]);
    }
  }
  const schemas = [{ Problem: problemSchema }, ...PARTS.map((part) => part.schemas ?? {})];
  return {
    openapi: '3.1.1',
    info: { title: 'pocketmeter', version, description: DESCRIPTION },
    tags: PARTS.map(({ tag }) => tag),
    paths,
    components: {
      schemas: disjoint('schemas', schemas),
      responses: problemResponses,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

/** One object of all; a name that is there twice would hide what one of two products says. */
function disjoint<T>(where: string, objects: readonly Readonly<Record<string, T>>[]): Record<string, T> {
  const all: Record<string, T> = {};
  for (const [name, value] of objects.flatMap((each) => Object.entries(each))) {
    if (name in all) throw new Error(`the OpenAPI document has ${name} of ${where} twice`);
    all[name] = value;
  }
  return all;
}

function writeOperation(method: string, path: string, operation: Operation, tag: string): object {
  const { summary, description, roles, parameters = [], body, answers } = operation;
  return {
    operationId: operationIdOf(method, path),
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    'x-roles': roles,
    security: securityOf(roles),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, ...body } }),
    responses: { ...answers, ...problemAnswers(operation) },
  };
}

/** Handsets prove themselves by Digest, all others by Basic or a token; the names in a requirement are roles. */
function securityOf(roles: Operation['roles']): object[] {
  const staff = ROLES.filter((role) => role !== 'handset' && roles.includes(role));
  return [
    ...(roles.includes('handset') ? [{ digest: ['handset'] }] : []),
    ...(staff.length === 0 ? [] : [{ basic: staff }, { bearer: staff }]),
  ];
}

/** `get /accounts/{user}/export` is getAccountsUserExport. */
function operationIdOf(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
