// Accounts, tokens and the audit log in the OpenAPI document (O1, O8).

import type { Role } from '../http/caller.ts';
import {
  csv,
  json,
  nothing,
  type OpenapiPart,
  type Operation,
  paging,
  path,
  query,
} from '../http/openapi-operation.ts';
import {
  choice,
  flag,
  instant,
  listOf,
  mapOf,
  object,
  page,
  ref,
  type Schema,
  text,
  whole,
} from '../http/openapi-schema.ts';
import { ROLES } from './account.ts';

const administrator: Role[] = ['administrator'];
export const user = path('user', 'The log-in name; a handset’s User_ID.', 'abc');
const password = text('1 to 200 characters; at least 8 for staff');
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
export const changed: Operation['answers'] = { 200: json(ref('Account'), 'The account as it is now') };
const location = { Location: { description: 'Address of the account', schema: text() } };

const profile = {
  name: text('How people call it; may be empty'),
  provider: text('The content provider that an account of role provider belongs to'),
  zone: text('IANA time zone'),
  demographics: mapOf(
    text(),
    'At most 20. Figures are broken down by them; `region` is one of its own, and `weight`, a decimal above 0, says for how many people the user stands',
  ),
};
const consent = object(
  { version: text('Empty when the user refused before ever consenting'), at: instant() },
  { withdrawnAt: instant() },
);
/** What an account is shown with. */
export const account = {
  required: { user: text(), role: choice(ROLES), name: profile.name, enabled: flag(), createdAt: instant() },
  optional: { provider: profile.provider, consent, zone: profile.zone, demographics: profile.demographics },
};

export const accountsOpenapi: OpenapiPart = {
  tag: { name: 'accounts', description: 'Who may log in, and who changed what' },
  paths: {
    '/accounts': {
      get: {
        summary: 'Accounts, by user',
        roles: administrator,
        parameters: [query('role', choice(ROLES), 'Only accounts of this role.'), ...paging],
        answers: { 200: json(page(ref('Account')), 'Accounts') },
      },
      post: {
        summary: 'Add an account',
        roles: administrator,
        body: json(
          object(
            { user: text('1 to 64 characters'), password, role: choice(ROLES) },
            { name: profile.name, provider: profile.provider },
          ),
          'The account',
          { user: 'news-desk', password: 'a long secret', role: 'provider', provider: 'news-corp' },
        ),
        answers: { 201: { ...json(ref('Account'), 'The account'), headers: location } },
        problems: ['conflict'],
      },
    },
    '/accounts/imports': {
      post: {
        summary: 'Add and update accounts from CSV',
        description: 'Rows that are wrong are refused one by one; the same file again changes nothing.',
        roles: administrator,
        body: csv(
          'Columns user,password,role,name,provider and demographics.region, demographics.age and so on, which take the place of those that the account has; at most 128 MiB and 1,000,000 rows',
          'user,password,role,demographics.region\nxyz,secret,handset,North\n',
        ),
        answers: { 200: json(ref('AccountImport'), 'What was done with the rows') },
      },
    },
    '/accounts/{user}': {
      get: {
        summary: 'One account',
        roles: administrator,
        parameters: [user],
        answers: { 200: json(ref('Account'), 'The account') },
        problems: ['not_found'],
      },
      patch: {
        summary: 'Change an account',
        roles: administrator,
        parameters: [user],
        body: json(
          object(
            {},
            {
              role: choice(ROLES, 'Only from one staff role to another'),
              name: profile.name,
              provider: orNull(profile.provider),
              zone: orNull(profile.zone),
              demographics: orNull(profile.demographics),
              enabled: flag(),
              password,
            },
          ),
          'What changes; null makes a field absent',
          { name: 'Ada', zone: 'Europe/London' },
        ),
        answers: changed,
        problems: ['not_found', 'conflict'],
      },
      delete: {
        summary: 'Remove an account, its tokens and the identities of its terminals',
        roles: administrator,
        parameters: [user],
        answers: { 204: nothing('Removed') },
        problems: ['not_found', 'conflict'],
      },
    },
    '/accounts/{user}/tokens': {
      post: {
        summary: 'Make a bearer token',
        roles: administrator,
        parameters: [{ ...user, example: 'news' }],
        body: {
          ...json(object({}, { expiresAt: instant('Default: never') }), 'Until when it holds', {
            expiresAt: '2099-01-01T00:00:00Z',
          }),
          required: false,
        },
        answers: {
          201: json(object({ id: text(), token: text('Told here and never again') }), 'The token'),
        },
        problems: ['not_found'],
      },
    },
    '/accounts/{user}/tokens/{id}': {
      delete: {
        summary: 'Revoke a token',
        roles: administrator,
        parameters: [{ ...user, example: 'news' }, path('id', 'The token’s id.', '0123456789abcdef')],
        answers: { 204: nothing('Revoked') },
        problems: ['not_found'],
      },
    },
    '/audit': {
      get: {
        summary: 'Who changed what, newest first',
        roles: administrator,
        parameters: paging,
        answers: { 200: json(page(ref('AuditEntry')), 'Entries') },
      },
    },
  },
  schemas: {
    Account: object(
      { ...account.required, measurable: flag('Enabled, and consent as the policy asks') },
      account.optional,
    ),
    AccountImport: object({
      rows: whole(),
      added: whole(),
      updated: whole(),
      refused: whole(),
      faults: listOf(object({ rule: text() }, { line: whole('From 1'), element: text() }), 'The first thousand'),
    }),
    AuditEntry: object({
      id: text('Sorts by time'),
      at: instant(),
      by: text('The user who did it, or the tool'),
      action: text('Such as account.add'),
      subject: text('What it was done to'),
      detail: mapOf({ type: ['string', 'number', 'boolean'] }),
    }),
  },
};
