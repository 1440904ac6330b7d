// All that is kept about one user, told and erased (O2): the HTTP API and the command line both come here.

import { preferencesJson } from '../reports/preferences/preference-documents.ts';
import type { Preferences } from '../reports/preferences/preferences.ts';
import type { Accounts } from './accounts/accounts.ts';
import type { Origins } from './accounts/origins.ts';
import type { Addressees } from './push/event-store.ts';
import type { Push } from './push/push.ts';
import { subscriptionJson } from './subscriptions/subscription-documents.ts';
import type { Subscriptions } from './subscriptions/subscriptions.ts';
import type { Surveys } from './surveys/surveys.ts';
import type { ModelledViewing } from './viewing/device-models.ts';
import type { StoredReport } from './viewing/report.ts';
import { unpackDocument } from './viewing/report-document.ts';
import type { Session } from './viewing/session.ts';
import { statJson } from './viewing/stat-formats.ts';

export interface UserData {
  /**
   * One JSON document `{account, subscriptions, preferences, viewing: {reports, sessions, models}, push: {events, acknowledged}, surveys}` in pieces, a page in memory at a time; each report with the
   * document as the handset sent it. Problem `not_found` before the first piece.
   */
  export(user: string, by: string): AsyncIterable<string>;

  /**
   * Erases the account, the identities of its terminals, its names in the audit log, all viewing data, the preferences, answers to surveys, and what was pushed to the user alone, `graceMs` after
   * the account was disabled. Broken off, it can be done again. Problem `not_found`, or `conflict` for the last administrator.
   */
  erase(user: string, by: string): Promise<void>;
}

export interface UserDataDeps {
  accounts: Pick<Accounts, 'get' | 'disable' | 'exportUser' | 'eraseUser'>;
  origins: Pick<Origins, 'find'>;
  viewing: Pick<ModelledViewing, 'exportViewer' | 'eraseViewer' | 'listSessions' | 'listModels'>;
  push: Pick<Push, 'exportOf' | 'eraseOf'>;
  surveys: Pick<Surveys, 'exportOf' | 'eraseOf'>;
  subscriptions: Pick<Subscriptions, 'export' | 'erase'>;
  preferences: Pick<Preferences, 'view' | 'remove'>;
  listTemplates(): Promise<{ template: number; text: string }[]>;
  /** Undoes what the report reader's `seal` did. */
  open(sealed: string): string;
  /** Takes what was removed out of the store's files as well. */
  purge(): Promise<void>;
  clock: () => number;
  /** How long after an account is disabled reports of its user may still come in. */
  graceMs: number;
  wait(ms: number): Promise<void>;
}

const PAGE = 1_000;

export function createUserData(deps: UserDataDeps): UserData {
  const { accounts, origins, viewing, push, surveys, subscriptions, clock } = deps;

  const addresseesOf = async (viewer: number): Promise<Addressees> => ({
    viewer,
    devices: [...new Set((await origins.find(viewer)).map(({ device }) => device))],
  });

  async function* reportPages(user: string, viewer: number): AsyncGenerator<object[]> {
    const identities = new Map((await origins.find(viewer)).map((identity) => [identity.no, identity]));
    const templates = new Map((await deps.listTemplates()).map(({ template, text }) => [template, text]));
    const shown = ({ document, key: _key, origin, ...report }: StoredReport): object => {
      const { deviceId, imsi } = identities.get(origin) ?? {};
      const sender = {
        user,
        ...(deviceId === undefined ? {} : { deviceId }),
        ...(imsi === undefined ? {} : { imsi }),
      };
      return {
        ...report,
        sentAt: new Date(report.sentAt).toISOString(),
        receivedAt: new Date(report.receivedAt).toISOString(),
        document: unpackDocument(document, { ...report, ...sender }, templates.get(document.template), deps.open),
      };
    };
    for await (const page of viewing.exportViewer(viewer)) yield page.map(shown);
  }

  async function* sessionPages(viewer: number): AsyncGenerator<object[]> {
    const query = { from: 0, to: clock(), viewer, limit: PAGE };
    for (let after: Session | undefined; ; ) {
      const page = await viewing.listSessions({ ...query, ...(after === undefined ? {} : { after }) });
      yield page.map(statJson);
      after = page.at(-1);
      if (page.length < PAGE) return;
    }
  }

  return {
    async *export(user, by) {
      const { viewer } = await accounts.get(user);
      yield `{"account":${JSON.stringify(await accounts.exportUser(user, by))},\n"subscriptions":`;
      const { items, changes, version } = await subscriptions.export(viewer);
      const told = changes.map(({ at, ...change }) => ({ ...change, at: new Date(at).toISOString() }));
      yield JSON.stringify({ version, items: items.map(subscriptionJson), changes: told });
      yield `,\n"preferences":${JSON.stringify(preferencesJson(await deps.preferences.view(viewer)))}`;
      yield `,\n"viewing":{"reports":`;
      yield* jsonArray(reportPages(user, viewer));
      yield ',\n"sessions":';
      yield* jsonArray(sessionPages(viewer));
      const models = await viewing.listModels(viewer);
      yield `,\n"models":${JSON.stringify(models.map(({ toldAt, ...told }) => ({ ...told, toldAt: new Date(toldAt).toISOString() })))}`;
      yield `},\n"push":${JSON.stringify(await push.exportOf(await addresseesOf(viewer)))},`;
      yield `\n"surveys":${JSON.stringify(await surveys.exportOf(viewer))}}\n`;
    },

    async erase(user, by) {
      const { viewer } = await accounts.get(user);
      await accounts.disable(user, by);
      await deps.wait(deps.graceMs); // nothing new comes in behind the erasing
      await subscriptions.erase(viewer); // before what is told of them, or a job would tell one more
      await push.eraseOf(await addresseesOf(viewer)); // before the identities go, which know the devices
      await surveys.eraseOf(viewer);
      await viewing.eraseViewer(viewer);
      await deps.preferences.remove(viewer); // after what they are made of
      await accounts.eraseUser(user, by);
      await deps.purge();
    },
  };
}

/** The items of all pages as one JSON array, an item a line. */
async function* jsonArray(pages: AsyncIterable<object[]>): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const page of pages) {
    let text = '';
    for (const item of page) {
      text += separator + JSON.stringify(item);
      separator = ',\n';
    }
    yield text;
  }
  yield separator === '[\n' ? '[]' : '\n]';
}
