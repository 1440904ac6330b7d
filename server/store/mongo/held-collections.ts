// Which collections of MongoDB hold what, and how a document is written (O3).

import type { Origin } from '../../accounts/account-store.ts';
import type { Kind, Kinds } from '../data-set.ts';
import { type AccountDocument, documentOf as accountDocumentOf, recordOf as accountOf } from './account-store.ts';
import { type ModelDocument, documentOf as modelDocumentOf, modelOf } from './device-model-store.ts';
import { type CursorDocument, type EventDocument, eventDocumentOf, eventOf } from './event-store.ts';
import { type RecordDocument, recordDocumentOf } from './guide-records.ts';
import { pageIdOf } from './guide-store.ts';
import { type Held, held } from './held-collection.ts';
import { type RunDocument, runOf } from './job-store.ts';
import { type KeyDocument, documentOf as keyDocumentOf, keyOf } from './key-store.ts';
import { preferenceForm, preferenceNoteForm } from './preference-store.ts';
import { qualityForm } from './quality-store.ts';
import { ratingReportForm } from './rating-report-store.ts';
import { type ReportDocument, reportNameOf, reportOf } from './report-log.ts';
import {
  type OrphanDocument,
  orphanNameOf,
  type SessionDocument,
  type StateDocument,
  sessionNameOf,
  sessionOf,
  shownOf,
} from './session-documents.ts';
import { type TableDocument, tableOf } from './subscription-store.ts';
import {
  type AnswerDocument,
  type AskedDocument,
  answerDocumentOf,
  answerOf,
  askedDocumentOf,
  askedOf,
  type ScheduleDocument,
  type SurveyDocument,
  scheduleDocumentOf,
  scheduleOf,
  surveyDocumentOf,
  surveyOf,
} from './survey-store.ts';
import { type TokenDocument, tokenOf } from './token-store.ts';

const heldRecords = <T extends { id: string; revision: number }>(collection: string): Held<T> =>
  held<T, RecordDocument>(
    collection,
    ({ revision, ...record }) => recordDocumentOf(revision, record),
    ({ revision, record }) => ({ ...JSON.parse(record), revision }),
    { isOfGuide: true },
  );

const PAGES_AT_ONCE = 250; // of some 20 kB
const TABLES_AT_ONCE = 250; // of 20 kB at most
const BY = 'migration'; // no process's name, and no place of arrival
const NO_TURN = 0; // below that of whoever settles next

export const HELD_COLLECTIONS: { [K in Kind]: Held<Kinds[K]> } = {
  accounts: held<Kinds['accounts'], AccountDocument>('accounts', accountDocumentOf, accountOf),
  tokens: held<Kinds['tokens'], TokenDocument>('tokens', ({ hash, ...rest }) => ({ _id: hash, ...rest }), tokenOf),
  origins: held<Origin, Omit<Origin, 'no'> & { _id: number }>(
    'origins',
    ({ no, ...rest }) => ({ _id: no, ...rest }),
    ({ _id, ...rest }) => ({ no: _id, ...rest }),
  ),
  audit: held(
    'audit',
    ({ id, ...rest }) => ({ _id: id, ...rest }),
    ({ _id, ...rest }) => ({ id: _id, ...rest }),
  ),
  runs: held<Kinds['runs'], RunDocument>(
    'job_runs',
    ({ name, dueAt, ...rest }) => ({ _id: { name, dueAt }, dueAt, ...rest }),
    runOf,
  ),
  templates: held(
    'report_templates',
    ({ template, text }) => ({ _id: template, text }),
    ({ _id, text }) => ({ template: _id, text }),
  ),
  services: heldRecords<Kinds['services']>('guide_services'),
  items: heldRecords<Kinds['items']>('guide_items'),
  pages: held(
    'guide_pages',
    ({ service, day, revision, programmes }) => ({
      _id: pageIdOf({ service, day, revision }),
      service,
      day,
      revision,
      programmes: JSON.stringify(programmes),
    }),
    ({ service, day, revision, programmes }) => ({ service, day, revision, programmes: JSON.parse(programmes) }),
    { isOfGuide: true, atOnce: PAGES_AT_ONCE },
  ),
  revisions: held<Kinds['revisions'], { _id: number; publishedAt: number }>(
    'guide_revisions',
    ({ revision, publishedAt }) => ({ _id: revision, publishedAt }),
    ({ _id, publishedAt }) => ({ revision: _id, publishedAt }),
  ),
  guide: held(
    'guide_state',
    ({ revision, oldest }) => ({ _id: 'state', revision, oldest, heldUntil: 0 }),
    ({ revision, oldest = 0 }) => ({ revision, oldest }),
    { filter: { revision: { $gt: 0 } } },
  ),
  subscriptions: held<Kinds['subscriptions'], TableDocument>(
    'subscription_tables',
    ({ viewer, ...table }) => ({ _id: viewer, ...table }),
    tableOf,
    { atOnce: TABLES_AT_ONCE },
  ),
  keys: held<Kinds['keys'], KeyDocument>('service_keys', keyDocumentOf, keyOf),
  quality: held('data_quality', ...qualityForm),
  ratings: held('rating_reports', ...ratingReportForm),
  preferences: held('preferences', ...preferenceForm, { atOnce: TABLES_AT_ONCE }),
  preferenceNotes: held('preference_notes', ...preferenceNoteForm),
  surveys: held<Kinds['surveys'], SurveyDocument>('surveys', surveyDocumentOf, surveyOf),
  asked: held<Kinds['asked'], AskedDocument>('survey_asked', askedDocumentOf, askedOf, { atOnce: PAGES_AT_ONCE }),
  answers: held<Kinds['answers'], AnswerDocument>('survey_answers', answerDocumentOf, answerOf),
  surveySchedules: held<Kinds['surveySchedules'], ScheduleDocument>('survey_schedules', scheduleDocumentOf, scheduleOf),
  epoch: held(
    'push_state',
    ({ epoch }) => ({ _id: 'epoch', epoch }),
    ({ epoch }) => ({ epoch }),
  ),
  events: held<Kinds['events'], EventDocument>(
    'push_events',
    ({ offset, ...event }) => eventDocumentOf(event, offset),
    eventOf,
  ),
  cursors: held<Kinds['cursors'], CursorDocument>(
    'push_cursors',
    ({ name, ...rest }) => ({ _id: name, ...rest }),
    ({ _id, ...rest }) => ({ name: _id, ...rest }),
  ),
  models: held<Kinds['models'], ModelDocument>('device_models', modelDocumentOf, modelOf),
  reports: held<Kinds['reports'], ReportDocument>(
    'reports',
    (report) => ({ _id: reportNameOf(report), ...report, by: BY, arrival: BY }),
    reportOf,
    { by: 'receivedAt' },
  ),
  sessions: held<Kinds['sessions'], SessionDocument>(
    'sessions',
    (session) => ({ _id: sessionNameOf(session), ...session }),
    (document) => sessionOf(document) as Kinds['sessions'],
  ),
  orphans: held<Kinds['orphans'], OrphanDocument>(
    'orphans',
    (orphan) => ({ _id: orphanNameOf(orphan), ...orphan }),
    ({ _id, ...orphan }) => orphan,
  ),
  open: held<Kinds['open'], StateDocument>(
    'device_states',
    ({ device, viewer, state }) => ({ _id: device, turn: NO_TURN, viewer, state, ...shownOf(state) }),
    ({ _id, viewer, state }) => ({ device: _id, viewer, state: state as Kinds['open']['state'] }),
    { filter: { silentAt: { $gt: 0 } } },
  ),
};

/** Collections that are not moved. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  arrived_reports: 'empty, since all is settled before',
  guide_stage: 'a load that is under way',
  job_leases: 'of the moment',
  key_check: 'written by the first process that opens the target with the key',
  migration: 'of this store',
  online_states: 'of the moment',
  sealed_blocks: 'sealed anew',
  sealed_hours: 'sealed anew',
  session_hours: 'of seals',
  stream_signs: 'of the moment',
};
