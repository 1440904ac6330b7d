// pocketmeter survey …: asking who is watching, from a desk (R10, R11, O8).

import type { Command } from 'commander';
import { Problem } from '../problem.ts';
import type { Survey } from '../surveys/survey.ts';
import { type NamedSurvey, readSchedule, readSurvey, TIME_LIMIT_S } from '../surveys/survey-body.ts';
import { shownResult, shownSchedule, shownSurvey } from '../surveys/survey-documents.ts';
import { between, examples, whole } from './command-words.ts';
import { atDesk, BY, tell } from './desk.ts';

/** Who surveys say it was; no account has this number. */
const AT_DESK = -1;

export function surveyCommands(program: Command): void {
  const survey = program.command('survey').description('asking devices what they watch');
  const json = (): boolean => program.opts().json === true;

  examples(
    whom(survey.command('start <service> [text...]'))
      .description('ask now: who is online is known to a running server, which begins it within a minute')
      .action(async (service: string, texts: string[], options) => {
        const { id, ...rest } = surveyOf(service, texts, options);
        const { schedule } = await atDesk((desk) =>
          desk.surveying.asking.schedule(
            { survey: rest, when: { at: Date.now() }, ...(id === undefined ? {} : { id }) },
            { by: BY, viewer: AT_DESK },
          ),
        );
        tell(json(), shownSchedule(schedule), `${schedule.id}: begins within a minute; survey show ${schedule.id}`);
      }),
    'survey start 01 "en=Are you watching One now?"',
    'survey start 01 --sample 1000 --time-limit 60 --id evening',
  );

  examples(
    survey
      .command('show <id>')
      .description('a survey and its result, so far or final')
      .action(async (id: string) => {
        const told = await atDesk(async ({ surveying: { surveys } }) => {
          const found = await surveys.get(id);
          return { ...shownSurvey(found, Date.now(), undefined), ...shownResult(await surveys.resultOf(found), 0) };
        });
        tell(json(), told, JSON.stringify(told, null, 2));
      }),
    'survey show evening',
  );

  examples(
    survey
      .command('list')
      .description('surveys, newest first')
      .option('--limit <n>', 'at most so many', whole(1, 100_000), 100)
      .action(async ({ limit }) => {
        const list: Survey[] = await atDesk((desk) => desk.surveying.surveys.list({ limit }));
        const shown = list.map((each) => shownSurvey(each, Date.now(), undefined));
        const lines = shown.map(({ askedAt, id, state, service, asked }) =>
          [askedAt, id, state, service, asked].join('\t'),
        );
        tell(json(), shown, lines.join('\n'));
      }),
    'survey list --limit 20',
  );

  examples(
    whom(survey.command('schedule <cron> <service> [text...]'))
      .description('ask again and again, by the five fields of cron')
      .option('--zone <zone>', 'IANA time zone; default: ZONE')
      .action(async (cron: string, service: string, texts: string[], { zone, id, ...options }) => {
        const asked = surveyOf(service, texts, options);
        const { schedule } = await atDesk(async ({ config, surveying }) => {
          const { when } = readSchedule({ cron, zone, survey: { service } }, config.zone);
          const named = { survey: asked, when, ...(id === undefined ? {} : { id }) };
          return surveying.asking.schedule(named, { by: BY, viewer: AT_DESK });
        });
        tell(json(), shownSchedule(schedule), schedule.id);
      }),
    'survey schedule "0 20 * * *" 01 --percent 5 --zone Europe/Berlin --id every-evening',
  );

  examples(
    survey
      .command('schedules')
      .description('what asks by the clock')
      .action(async () => {
        const list = (await atDesk((desk) => desk.surveying.schedules.list())).map((schedule) =>
          shownSchedule(schedule),
        );
        tell(json(), list, list.map((each) => JSON.stringify(each)).join('\n'));
      }),
    'survey schedules',
  );

  examples(
    survey
      .command('unschedule <id>')
      .description('end a schedule; its surveys stay')
      .action(async (id: string) => {
        await atDesk((desk) => desk.surveying.schedules.remove(id, BY));
        tell(json(), { id }, `${id}: ended`);
      }),
    'survey unschedule every-evening',
  );
}

const { least, most, otherwise } = TIME_LIMIT_S;

/** Adds whom to ask, and how. */
const whom = (command: Command): Command =>
  command
    .option('--sample <n>', 'so many devices, at random', whole(1, 1_000_000))
    .option('--percent <n>', 'such a share of them, at random', between(0.0001, 100))
    .option('--users <user...>', 'the devices of these users')
    .option('--group <pair...>', 'of users with these demographics, each as NAME=VALUE')
    .option('--time-limit <seconds>', 'for answers', whole(least, most), otherwise)
    .option('--spread <seconds>', 'devices answer after a random time up to this; default: a third', whole(0, most))
    .option('--id <id>', 'a name of your own: the same again is the same');

interface Options {
  sample?: number;
  percent?: number;
  users?: string[];
  group?: string[];
  timeLimit: number;
  spread?: number;
  id?: string;
}

function surveyOf(service: string, texts: readonly string[], options: Options): NamedSurvey {
  const { sample, percent, users, group, timeLimit: timeLimitS, spread: spreadS, id } = options;
  const to = { sample, percent, users, group: group === undefined ? undefined : pairsOf(group) };
  const given = Object.entries(to).filter(([, value]) => value !== undefined);
  return readSurvey({ service, to: Object.fromEntries(given), question: pairsOf(texts), timeLimitS, spreadS, id });
}

const pairsOf = (texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    texts.map((each) => {
      const [, name, text] = /^([^=]+)=([\s\S]+)$/.exec(each) ?? [];
      if (name === undefined || text === undefined) throw new Problem('invalid', `${each} is not NAME=VALUE`);
      return [name, text];
    }),
  );
