// pocketmeter push …: what handsets are told, from a desk (I2, O8).

import type { Command } from 'commander';
import { Problem } from '../problem.ts';
import { LARGEST_XML_BYTES, readPush } from '../push/push-body.ts';
import { shownPush } from '../push/shown-push.ts';
import { examples, whole } from './command-words.ts';
import { atDesk, BY, type Desk, openInput, tell } from './desk.ts';

/** Who the stream of events says it was; no account has this number. */
const AT_DESK = -1;

export function pushCommands(program: Command): void {
  const push = program.command('push').description('what handsets are told');
  const json = (): boolean => program.opts().json === true;

  examples(
    push
      .command('send [text...]')
      .description('push a text, each as LANGUAGE=TEXT, or a document of XML; a running server delivers it at once')
      .option('--service <id>', 'to who watches the service now; with --valid-until also to who begins to before that')
      .option('--programme <id>', 'to who watches the programme')
      .option('--user <user>', 'to one user')
      .option('--all', 'to everybody')
      .option('--xml <file>', 'a document of XML instead of a text')
      .option('--valid-until <time>', 'ISO 8601; default: as long as history is kept')
      .option('--id <id>', 'a name of your own: the same again is the same push')
      .action(async (texts: string[], { service, programme, user, all, xml, validUntil, id }) => {
        const content = xml === undefined ? { text: textsOf(texts) } : { xml: await readFile(xml) };
        const audience = { service, programme, user, all };
        const given = Object.entries(audience).filter(([, value]) => value !== undefined);
        const request = readPush({ audience: Object.fromEntries(given), content, validUntil, id });
        const sent = await atDesk((desk) => desk.pushSending.send(request, { by: BY, viewer: AT_DESK }));
        tell(json(), { id: sent.id, isKnown: sent.isKnown }, `${sent.id}${sent.isKnown ? ': was there already' : ''}`);
      }),
    'push send --service 01 "en=The second half begins"',
    'push send --all --valid-until 2026-12-31T00:00:00Z "en=Good evening" "de=Guten Abend"',
  );

  examples(
    push
      .command('list')
      .description('what was pushed, newest first')
      .option('--limit <n>', 'at most so many', whole(1, 100_000), 100)
      .action(async ({ limit }) => {
        const list = await atDesk(listPushes(limit));
        const lines = list.map(({ at, by = BY, id, audience, content }) =>
          [at, by, id, JSON.stringify(audience), JSON.stringify(content)].join('\t'),
        );
        tell(json(), list, lines.join('\n'));
      }),
    'push list --limit 20',
  );
}

const listPushes =
  (limit: number) =>
  async ({ push, accounts, store }: Desk): Promise<Record<string, unknown>[]> => {
    const epoch = await store.events.epoch('none');
    const userOf = async (viewer: number): Promise<string | undefined> => (await accounts.findByViewer(viewer))?.user;
    const page = await push.pushes.list({ limit });
    return Promise.all(page.map((event) => shownPush(event, { epoch: () => epoch, userOf })));
  };

function textsOf(texts: readonly string[]): Record<string, string> {
  if (texts.length === 0) throw new Problem('invalid', 'give a text such as "en=Good evening", or --xml');
  return Object.fromEntries(
    texts.map((each) => {
      const [, language, text] = /^([^=]+)=([\s\S]+)$/.exec(each) ?? [];
      if (language === undefined || text === undefined) throw new Problem('invalid', `${each} is not LANGUAGE=TEXT`);
      return [language, text];
    }),
  );
}

async function readFile(file: string): Promise<string> {
  const { stream, size } = await openInput(file);
  if (size > LARGEST_XML_BYTES) throw new Problem('too_large', `${file} has more than ${LARGEST_XML_BYTES} bytes`);
  return (await stream.setEncoding('utf8').toArray()).join('');
}
