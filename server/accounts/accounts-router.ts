// The administrators' door to accounts and the audit log, and each user's own to consent and data (O1, O2).

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { type Request, type Response, type Router } from 'express';
import { type Caller, callerOf, type Guard, type Role } from '../http/caller.ts';
import { isObject, readJsonObject, readString } from '../http/json-body.ts';
import { readLimit, readText } from '../http/query.ts';
import { refuseCompressed, requireType } from '../http/request-body.ts';
import { Problem } from '../problem.ts';
import { type Account, ROLES } from './account.ts';
import { type ProfileChanges, shownAccount, shownEntry } from './account-json.ts';
import type { Accounts } from './accounts.ts';
import { readAccountRows } from './accounts-csv.ts';
import type { Audit } from './audit.ts';

export interface AccountsRouterDeps {
  accounts: Accounts;
  audit: Audit;
  guard: Guard;
  /** What all products keep of a user. */
  userData: {
    /** A JSON document in pieces. */
    export(user: string, by: string): AsyncIterable<string>;
    erase(user: string, by: string): Promise<void>;
  };
}

const BODY_LIMIT_BYTES = 16_384; // ten times the largest account
const AUDIT_ID = /^[\da-z]{21,40}$/;

export function accountsRouter({ accounts, audit, guard, userData }: AccountsRouterDeps): Router {
  const router = express.Router();
  const administrator = guard('administrator');
  const userOrAdministrator = guard('handset', 'administrator');
  const shown = (account: Account): object => ({ ...shownAccount(account), measurable: accounts.mayMeasure(account) });

  router.get('/accounts', administrator, async (request, response) => {
    const limit = readLimit(request.query);
    const after = readText(request.query, 'after');
    const role = readRole(readText(request.query, 'role'));
    const page = await accounts.list({
      limit,
      ...(after === undefined ? {} : { after }),
      ...(role === undefined ? {} : { role }),
    });
    const next = page.length === limit ? page.at(-1)?.user : undefined;
    response.json({ items: page.map(shown), ...(next === undefined ? {} : { next }) });
  });

  router.post('/accounts', administrator, async (request, response) => {
    const fields = await readFields(request, ['user', 'password', 'role', 'name', 'provider']);
    const [user, password, name, provider] = ['user', 'password', 'name', 'provider'].map((key) =>
      readString(fields, key),
    );
    const role = readRole(readString(fields, 'role'));
    if (user === undefined || password === undefined || role === undefined) {
      throw new Problem('invalid', 'an account has a user, a password and a role');
    }
    const entry = { user, password, role, name: name ?? '', ...(provider === undefined ? {} : { provider }) };
    const account = await accounts.add(entry, callerOf(response).user);
    response
      .status(201)
      .location(`${request.baseUrl}/accounts/${encodeURIComponent(user)}`)
      .json(shown(account));
  });

  router.post('/accounts/imports', administrator, async (request, response) => {
    requireType(request, /^text\/csv\b/i, 'an import is text/csv');
    refuseCompressed(request);
    const result = await accounts.import(readAccountRows(request), { by: callerOf(response).user });
    response.json(result);
  });

  router.get('/accounts/:user', administrator, async (request, response) => {
    response.json(shown(await accounts.get(userOf(request))));
  });

  router.patch('/accounts/:user', administrator, async (request, response) => {
    const user = userOf(request);
    const by = callerOf(response).user;
    const fields = await readFields(request, [
      'role',
      'name',
      'provider',
      'zone',
      'demographics',
      'enabled',
      'password',
    ]);
    const { enabled, password, ...profile } = fields;
    if (enabled !== undefined && typeof enabled !== 'boolean') throw new Problem('invalid', 'enabled is true or false');
    const changes = readProfile(profile);
    if (Object.keys(changes).length > 0) await accounts.change(user, changes, by);
    if (password !== undefined) await accounts.setPassword(user, readString(fields, 'password') ?? '', by);
    if (enabled === true) await accounts.enable(user, by);
    if (enabled === false) await accounts.disable(user, by);
    response.json(shown(await accounts.get(user)));
  });

  router.delete('/accounts/:user', administrator, async (request, response) => {
    await accounts.remove(userOf(request), callerOf(response).user);
    response.status(204).end();
  });

  router.post('/accounts/:user/tokens', administrator, async (request, response) => {
    const expires = readString(await readFields(request, ['expiresAt']), 'expiresAt');
    const expiresAt = expires === undefined ? undefined : Date.parse(expires);
    if (Number.isNaN(expiresAt)) throw new Problem('invalid', 'expiresAt is an instant such as 2026-07-20T20:00:00Z');
    const options = expiresAt === undefined ? {} : { expiresAt };
    response.status(201).json(await accounts.issueToken(userOf(request), options, callerOf(response).user));
  });

  router.delete('/accounts/:user/tokens/:id', administrator, async (request, response) => {
    await accounts.revokeToken(userOf(request), String(request.params.id), callerOf(response).user);
    response.status(204).end();
  });

  router.put('/accounts/:user/consent', userOrAdministrator, async (request, response) => {
    const user = ownUserOf(request, response);
    const version = readString(await readFields(request, ['version']), 'version');
    if (version === undefined) throw new Problem('invalid', 'consent is to a version');
    await accounts.recordConsent(user, { version }, callerOf(response).user);
    response.json(shown(await accounts.get(user)));
  });

  router.delete('/accounts/:user/consent', userOrAdministrator, async (request, response) => {
    await accounts.withdrawConsent(ownUserOf(request, response), callerOf(response).user);
    response.status(204).end();
  });

  router.get('/accounts/:user/export', userOrAdministrator, async (request, response) => {
    const user = ownUserOf(request, response);
    await accounts.get(user); // what is absent is told before the answer begins
    response.setHeader('Content-Disposition', 'attachment; filename="export.json"');
    response.setHeader('Cache-Control', 'no-store');
    response.type('json');
    await sendPieces(userData.export(user, callerOf(response).user), response);
  });

  router.post('/accounts/:user/erasure', administrator, async (request, response) => {
    await userData.erase(userOf(request), callerOf(response).user);
    response.status(204).end();
  });

  router.get('/audit', administrator, async (request, response) => {
    const limit = readLimit(request.query);
    const before = readText(request.query, 'after');
    if (before !== undefined && !AUDIT_ID.test(before))
      throw new Problem('invalid', 'after is not a cursor of this list');
    const page = await audit.list({ limit, ...(before === undefined ? {} : { before }) });
    const next = page.length === limit ? page.at(-1)?.id : undefined;
    response.json({ items: page.map(shownEntry), ...(next === undefined ? {} : { next }) });
  });

  return router;
}

function readFields(request: Request, fields: readonly string[]): Promise<Record<string, unknown>> {
  return readJsonObject(request, { limitBytes: BODY_LIMIT_BYTES, fields });
}

/** As fast as the reader takes them; one who leaves is not worth an error. */
async function sendPieces(pieces: AsyncIterable<string>, response: Response): Promise<void> {
  try {
    await pipeline(Readable.from(pieces), response);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  }
}

const userOf = (request: Request): string => String(request.params.user);

/** The user of the path, which a handset's caller must be. Problem `forbidden`. */
function ownUserOf(request: Request, response: Response): string {
  const caller: Caller = callerOf(response);
  const user = userOf(request);
  if (caller.role === 'handset' && caller.user !== user) throw new Problem('forbidden', 'this is of another user');
  return user;
}

function readRole(text: string | undefined): Role | undefined {
  const role = ROLES.find((known) => known === text);
  if (role === undefined && text !== undefined) throw new Problem('invalid', `role is one of ${ROLES.join(', ')}`);
  return role;
}

function readProfile(fields: Record<string, unknown>): ProfileChanges {
  const changes: ProfileChanges = {};
  const role = readRole(readString(fields, 'role'));
  const name = readString(fields, 'name');
  if (role !== undefined) changes.role = role;
  if (name !== undefined) changes.name = name;
  for (const key of ['provider', 'zone'] as const) {
    const value = fields[key] === null ? null : readString(fields, key);
    if (value !== undefined) changes[key] = value;
  }
  const { demographics } = fields;
  if (demographics === undefined) return changes;
  if (!isTexts(demographics)) throw new Problem('invalid', 'demographics is an object of texts');
  changes.demographics = demographics;
  return changes;
}

function isTexts(value: unknown): value is Record<string, string> | null {
  return value === null || (isObject(value) && Object.values(value).every((each) => typeof each === 'string'));
}
