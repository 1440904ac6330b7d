// Consent, a user's own data and its erasure in the OpenAPI document (O2).

import type { Role } from '../http/caller.ts';
import { json, nothing, type OpenapiPart } from '../http/openapi-operation.ts';
import { choice, flag, instant, listOf, object, ref, text, whole } from '../http/openapi-schema.ts';
import { account, changed, user } from './accounts-openapi.ts';

const administrator: Role[] = ['administrator'];
const userOrAdministrator: Role[] = ['handset', 'administrator'];

export const userDataOpenapi: OpenapiPart = {
  tag: { name: 'user data', description: 'Consent, and what is kept of a user' },
  paths: {
    '/accounts/{user}/consent': {
      put: {
        summary: 'Consent to being measured',
        description: 'A handset user for itself.',
        roles: userOrAdministrator,
        parameters: [user],
        body: json(object({ version: text('1 to 64 letters, digits, . _ -') }), 'What is consented to', {
          version: '1',
        }),
        answers: changed,
        problems: ['not_found'],
      },
      delete: {
        summary: 'Withdraw consent',
        description: 'A handset user for itself. From then on nothing of its viewing is kept.',
        roles: userOrAdministrator,
        parameters: [user],
        answers: { 204: nothing('Withdrawn') },
        problems: ['not_found'],
      },
    },
    '/accounts/{user}/export': {
      get: {
        summary: 'All that is kept of a user',
        description: 'A handset user of itself.',
        roles: userOrAdministrator,
        parameters: [user],
        answers: {
          200: json(
            ref('UserExport'),
            'The account, its terminals, subscriptions, preferences, reports, sessions, and what it was told',
          ),
        },
        problems: ['not_found'],
      },
    },
    '/accounts/{user}/erasure': {
      post: {
        summary: 'Erase a user: account, identities, viewing data and what it was told',
        roles: administrator,
        parameters: [user],
        answers: { 204: nothing('Erased') },
        problems: ['not_found', 'conflict'],
      },
    },
  },
  schemas: {
    UserExport: object({
      account: object(
        {
          ...account.required,
          viewer: whole('The user’s pseudonym in viewing data'),
          devices: listOf(
            object(
              { device: whole('The terminal’s pseudonym'), user: text() },
              { deviceId: text(), imsi: text(), model: text() },
            ),
          ),
          tokens: listOf(object({ id: text(), createdAt: instant() }, { expiresAt: instant() })),
        },
        account.optional,
      ),
      preferences: ref('Preferences'),
      subscriptions: object({
        version: whole(),
        items: listOf(ref('Subscription')),
        changes: listOf(
          object({
            version: whole(),
            at: instant(),
            item: text(),
            kind: choice(['ordered', 'changed', 'cancelled', 'expired']),
          }),
          'The last ones',
        ),
      }),
      viewing: object({
        reports: listOf(ref('KeptReport')),
        sessions: listOf(ref('Session')),
        models: listOf(
          object({ device: whole(), viewer: whole(), model: text(), toldAt: instant('To a week') }),
          'Of devices, as they told it last',
        ),
      }),
      push: object({
        events: listOf(ref('Event'), 'For the user alone'),
        acknowledged: listOf(
          object({ name: text('Of a device, or of all'), id: text('The last event'), at: instant() }),
        ),
      }),
      surveys: listOf(
        object({ survey: text(), at: instant(), receivedAt: instant() }, { watching: text('Absent: none') }),
        'Answers, as long as raw data are kept',
      ),
    }),
    KeptReport: object(
      {
        device: whole(),
        viewer: whole(),
        type: choice(['LogInInfo', 'LogOutInfo']),
        service: text(),
        programme: text(),
        sentAt: instant('As corrected (V4)'),
        receivedAt: instant(),
        verified: flag('Digest-authenticated'),
        document: text('As the handset sent it'),
      },
      {
        onlineState: text(),
        quarantine: choice(['clock_skew', 'future', 'too_old']),
        reportId: text(),
        sequence: whole(),
        endReason: choice(['zap', 'off', 'background', 'signal-lost']),
        access: choice(['broadcast', 'unicast']),
        timeShiftS: whole(),
      },
    ),
  },
};
