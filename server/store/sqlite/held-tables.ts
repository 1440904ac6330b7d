// Which tables of a SQLite store hold what, by which key they are read, and how a row is written (O3).

import type { Kind, Kinds } from '../data-set.ts';
import { accountOf, valuesOf as accountValuesOf } from './account-store.ts';
import { entryOf } from './audit-store.ts';
import { modelOf } from './device-model-store.ts';
import { cursorOf, eventOf, eventValuesOf } from './event-store.ts';
import { type Held, insertInto } from './held-table.ts';
import { runOf } from './job-store.ts';
import { keyOf } from './key-store.ts';
import { MADE_TABLES } from './made-tables.ts';
import { originOf } from './origin-store.ts';
import { putSettled, reportOf } from './report-log.ts';
import { openValuesOf, orphanOf, sessionOf, valuesOf as sessionValuesOf } from './session-rows.ts';
import { tableOf } from './subscription-store.ts';
import { tokenOf } from './token-store.ts';

const PAGES_AT_ONCE = 250; // of some 20 kB
const TABLES_AT_ONCE = 250; // of 20 kB at most

const PUBLISHED = 'revision <= (SELECT revision FROM guide_state)';

export const HELD_TABLES: { [K in Kind]: Held<Kinds[K]> } = {
  accounts: { table: 'account', key: ['user'], itemOf: accountOf, write: insertInto('account', accountValuesOf) },
  tokens: {
    table: 'account_token',
    key: ['user', 'id'],
    itemOf: tokenOf,
    write: insertInto('account_token', ({ user, id, hash, createdAt, expiresAt }) => [
      user,
      id,
      hash,
      createdAt,
      expiresAt ?? null,
    ]),
  },
  origins: {
    table: 'origin',
    key: ['no'],
    itemOf: originOf,
    write: insertInto('origin', ({ no, device, viewer, sealedIdentity }) => [no, device, viewer, sealedIdentity]),
  },
  audit: {
    table: 'audit',
    key: ['id'],
    itemOf: entryOf,
    write: insertInto('audit', ({ id, at, by, action, subject, detail }) => [
      id,
      at,
      by,
      action,
      subject,
      JSON.stringify(detail),
    ]),
  },
  runs: {
    table: 'job_run',
    key: ['name', 'due_at'],
    itemOf: runOf,
    write: insertInto('job_run', (run) => [
      run.name,
      run.dueAt,
      run.startedAt,
      run.by,
      run.holder,
      run.fence,
      run.attempts,
      run.endedAt ?? null,
      run.rows ?? null,
      run.error ?? null,
    ]),
  },
  templates: {
    table: 'report_template',
    key: ['template'],
    itemOf: (row) => ({ template: Number(row.template), text: String(row.text) }),
    write: insertInto('report_template', ({ template, text }) => [template, text]),
  },
  services: {
    table: 'guide_service',
    key: ['id', 'revision'],
    where: PUBLISHED,
    itemOf: (row) => ({ ...JSON.parse(String(row.service)), revision: Number(row.revision) }),
    write: insertInto('guide_service', ({ revision, ...service }) => [service.id, revision, JSON.stringify(service)]),
  },
  items: {
    table: 'guide_item',
    key: ['id', 'revision'],
    where: PUBLISHED,
    itemOf: (row) => ({ ...JSON.parse(String(row.item)), revision: Number(row.revision) }),
    write: insertInto('guide_item', ({ revision, ...item }) => [item.id, revision, JSON.stringify(item)]),
  },
  pages: {
    table: 'guide_page',
    key: ['service', 'day', 'revision'],
    where: PUBLISHED,
    atOnce: PAGES_AT_ONCE,
    itemOf: (row) => ({
      service: String(row.service),
      day: Number(row.day),
      revision: Number(row.revision),
      programmes: JSON.parse(String(row.programmes)),
    }),
    write: insertInto('guide_page', ({ service, day, revision, programmes }) => [
      service,
      day,
      revision,
      JSON.stringify(programmes),
    ]),
  },
  revisions: {
    table: 'guide_revision',
    key: ['revision'],
    where: PUBLISHED,
    itemOf: (row) => ({ revision: Number(row.revision), publishedAt: Number(row.published_at) }),
    write: insertInto('guide_revision', ({ revision, publishedAt }) => [revision, publishedAt]),
  },
  guide: {
    table: '(guide_state JOIN guide_kept USING (only))',
    key: ['only'],
    where: 'revision > 0',
    itemOf: (row) => ({ revision: Number(row.revision), oldest: Number(row.oldest) }),
    write: (database, { revision, oldest }) => {
      database.run('UPDATE guide_state SET revision = ?', revision);
      database.run('UPDATE guide_kept SET oldest = ?', oldest);
    },
  },
  subscriptions: {
    table: 'subscription_table',
    key: ['viewer'],
    atOnce: TABLES_AT_ONCE,
    itemOf: tableOf,
    write: insertInto('subscription_table', ({ viewer, version, dueAt, held, changes, forgotten, told }) => [
      viewer,
      version,
      dueAt ?? null,
      JSON.stringify(held),
      JSON.stringify(changes),
      forgotten,
      told,
    ]),
  },
  keys: {
    table: 'service_key',
    key: ['starts_at', 'service'],
    itemOf: keyOf,
    write: insertInto('service_key', ({ service, from, to, sealedKey }) => [from, service, to, sealedKey]),
  },
  ...MADE_TABLES,
  epoch: {
    table: 'push_epoch',
    key: ['one'],
    itemOf: ({ epoch }) => ({ epoch: String(epoch) }),
    write: insertInto('push_epoch', ({ epoch }) => [1, epoch]),
  },
  events: {
    table: 'push_event',
    key: ['place'],
    itemOf: eventOf,
    write: insertInto('push_event', ({ offset, ...event }) => eventValuesOf(event, offset)),
  },
  cursors: {
    table: 'push_cursor',
    key: ['name'],
    itemOf: cursorOf,
    write: insertInto('push_cursor', ({ name, viewer, offset, at }) => [name, viewer, offset, at]),
  },
  models: {
    table: 'device_model',
    key: ['device'],
    itemOf: modelOf,
    write: insertInto('device_model', ({ device, viewer, model, toldAt }) => [device, viewer, model, toldAt]),
  },
  reports: { table: 'report', key: ['arrival'], itemOf: reportOf, write: putSettled },
  sessions: {
    table: 'session',
    key: ['viewer', 'started_at', 'device', 'service', 'programme'],
    itemOf: (row) => sessionOf(row) as Kinds['sessions'],
    write: insertInto('session', sessionValuesOf),
  },
  orphans: {
    table: 'orphan',
    key: ['device', 'at', 'service', 'programme'],
    itemOf: orphanOf,
    write: insertInto('orphan', ({ device, at, service, programme, viewer }) => [
      device,
      at,
      service,
      programme,
      viewer,
    ]),
  },
  open: {
    table: 'open_session',
    key: ['device'],
    where: 'silent_at IS NOT NULL',
    itemOf: (row) => ({
      device: Number(row.device),
      viewer: Number(row.viewer),
      state: JSON.parse(String(row.state)),
    }),
    write: insertInto('open_session', ({ device, viewer, state }) => openValuesOf(device, viewer, state, state.open)),
  },
};

/** Tables that are not moved. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  guide_kept: 'read with guide_state',
  guide_stage: 'a load that is under way',
  job_lease: 'of the moment',
  key_check: 'written by the first process that opens the target with the key',
  migration: 'of this store',
  report_of_device: 'written with report',
  report_settled: 'written with report',
  session_hour: 'of seals',
  viewing_block: 'sealed anew',
  viewing_seal: 'sealed anew',
};
