// The command line as processes of their own, beside a running server and without one (O2, O7, O8).

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { commandLine } from '../support/cli.ts';
import { type ServerProcess, spawnServer } from '../support/server-process.ts';
import { contentsOf, postReport, sessionsFromReports, tablesWith } from '../support/stored-data.ts';
import { authorizationOf, openSse } from '../support/stream-client.ts';

const ADMIN_PASSWORD = 'a long secret';
const basic = `Basic ${Buffer.from(`admin:${ADMIN_PASSWORD}`).toString('base64')}`;

describe('command line', function () {
  this.timeout(60_000);
  let folder: string;
  let data: string;
  let server: ServerProcess;
  let url: string;
  let run: ReturnType<typeof commandLine>;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pocketmeter-'));
    data = join(folder, 'data');
    server = spawnServer({ DATA_DIR: data, ADMIN_PASSWORD, LOG_LEVEL: 'info' });
    const port = await server.ready();
    url = `http://127.0.0.1:${port}`;
    run = commandLine({ DATA_DIR: data, PORT: String(port) });
  });
  after(async () => {
    server.kill('SIGTERM');
    await server.ended;
    rmSync(folder, { recursive: true });
  });
  const ok = async (...words: string[]): Promise<string> => {
    const { code, out, told } = await run(words);
    expect([code, told], words.join(' ')).to.deep.equal([0, '']);
    return out;
  };
  const refused = async (words: string[], told: RegExp, on = run): Promise<void> => {
    const ran = await on(words);
    expect(ran.told).to.match(told);
    expect(ran.told.trimEnd(), 'one line, no stack').not.to.contain('\n');
    expect([ran.code, ran.out]).to.deep.equal([1, '']);
  };
  const ask = (path: string, at = url): Promise<Response> => fetch(at + path, { headers: { authorization: basic } });

  it('wrong words are 2, with a hint; help is 0; nothing is made', async () => {
    const nowhere = commandLine({ DATA_DIR: join(folder, 'nowhere') });
    const { code, out, told } = await nowhere(['accounts', 'list', '--limit', 'many']);
    expect([code, out]).to.deep.equal([2, '']);
    expect(told).to.match(/^error: option '--limit <n>' argument 'many' is invalid\. It is a whole number from 1 to /);
    const help = await nowhere(['data', 'erase', '--help']);
    expect([help.code, help.told]).to.deep.equal([0, '']);
    expect(help.out).to.contain('npm run -s cli -- data erase abc --yes');
    expect(readdirSync(folder)).not.to.contain('nowhere');
  });

  it('R10, O8: a survey at the desk is begun by the running server; schedules are kept and ended', async () => {
    await refused(['survey', 'start', '01', '--sample', '5', '--percent', '5'], /to\.sample/);
    await refused(['survey', 'schedule', '* * *', '01'], /cron/);
    await ok('survey', 'schedule', '0 20 * * *', '01', '--percent', '5', '--group', 'sex=f', '--id', 'evenings');
    const list = JSON.parse(await ok('survey', 'schedules', '--json')) as { survey: { to: object } }[];
    expect(list.map(({ survey }) => survey.to)).to.deep.equal([{ percent: 5, group: { sex: 'f' } }]);
    await ok('survey', 'unschedule', 'evenings');
    expect(await ok('survey', 'start', '01', '--id', 'desk-1', 'en=Well?')).to.contain('desk-1');
    await fetch(`${url}/jobs/survey-schedules/runs`, { method: 'POST', headers: { authorization: basic } });
    expect(JSON.parse(await ok('survey', 'show', 'desk-1'))).to.deep.include({
      id: 'desk-1',
      question: { en: 'Well?' },
    });
    expect(await ok('survey', 'list')).to.match(/^\S+\tdesk-1\topen\t01\t\d+\n$/);
  });

  it('I2, O8: a push at the desk arrives on a stream of the running server, and is listed', async () => {
    await ok('accounts', 'add', 'pushed', '--password', 'secret');
    const stream = await openSse({ url, user: 'pushed' });
    await refused(['push', 'send', '--all', 'no language'], /is not LANGUAGE=TEXT/);
    await refused(['push', 'send', 'en=x'], /audience/);
    await refused(['push', 'send', '--user', 'nobody', 'en=x'], /there is no handset user nobody/);
    expect(await ok('push', 'send', '--user', 'pushed', '--id', 'desk-1', 'en=Hello', 'de=Hallo')).to.equal('desk-1\n');
    expect(await ok('push', 'send', '--user', 'pushed', '--id', 'desk-1', 'en=Hello', 'de=Hallo')).to.contain(
      'already',
    );
    const offer = join(folder, 'offer.xml');
    writeFileSync(offer, '<offer/>');
    await ok('push', 'send', '--all', '--xml', offer);
    const contents = (await stream.until(2)).map(({ data }) => data.content);
    expect(contents.slice(-2)).to.deep.equal([{ text: { en: 'Hello', de: 'Hallo' } }, { xml: '<offer/>' }]);
    stream.close();
    const list = JSON.parse(await ok('push', 'list', '--json')) as Record<string, unknown>[];
    expect(list.map(({ audience, by }) => [audience, by])).to.deep.equal([
      [{ all: true }, undefined],
      [{ user: 'pushed' }, undefined],
    ]);
    expect(await ok('push', 'list', '--limit', '1')).to.match(/^\S+Z\tcommand line\t/);
    expect(await ok('audit', 'list', '--limit', '2')).to.contain('push.send\tdesk-1');
  });

  it('O8: accounts are imported, shown, changed and removed beside the server, which knows them at once', async () => {
    expect(await ok('accounts', 'import', 'fixtures/accounts/accounts.csv')).to.equal(
      '4 rows: 4 added, 0 updated, 0 refused\n',
    );
    const faulty = await run(['--json', 'accounts', 'import', 'fixtures/accounts/faulty.csv']);
    expect(faulty.code).to.equal(1);
    expect(JSON.parse(faulty.out)).to.include({ added: 2, refused: 4 });
    expect(faulty.told).to.match(/^fixtures\/accounts\/faulty\.csv:3: user: /);
    expect((await run(['accounts', 'add', 'ada', '--password-stdin', '--json'], 'l0velace\n')).code).to.equal(0);
    expect(JSON.parse(await ok('accounts', 'show', 'ada', '--json'))).to.include({ user: 'ada', measurable: true });
    expect(await ok('accounts', 'consent', 'ada', '--withdraw')).to.equal('ada is not measured\n');
    expect(await ok('accounts', 'consent', 'ada', '--version', '2026-03')).to.equal('ada is measured\n');
    expect((await run(['accounts', 'password', 'ada', '--password-stdin'], 'analytical\n')).code).to.equal(0);
    expect(await postReport(url, { user: 'ada', password: 'analytical' })).to.equal('recorded');
    expect(await ok('accounts', 'list', '--role', 'provider')).to.match(
      /^news\tprovider\tThe news desk\tnews-corp\t$/m,
    );
    await ok('accounts', 'remove', 'ada');
    await refused(['accounts', 'show', 'ada'], /^pocketmeter: there is no user ada$/m);
    await refused(['accounts', 'add', 'x:y', '--password', 'p'], /^pocketmeter: user: 1 to 64 characters/);
    await refused(['accounts', 'import', join(folder, 'absent.csv')], /there is no file/);
    expect(await ok('audit', 'list', '--limit', '1')).to.match(/\tcommand line\taccount\.remove\tada\t/);
  });

  it('G7: a user orders and cancels at the desk, one by one and by a file', async () => {
    const headers = { authorization: basic, 'content-type': 'application/json' };
    const item = {
      names: { en: 'Basic' },
      services: ['01'],
      price: { amount: '4.99', currency: 'EUR' },
      period: 'P1M',
    };
    const sold = await fetch(`${url}/sg/purchase-items/basic`, { method: 'PUT', headers, body: JSON.stringify(item) });
    expect(sold.status, await sold.text()).to.equal(201);
    await ok('accounts', 'add', 'sub', '--password', 'secret');
    expect(await ok('subscriptions', 'order', 'sub', 'basic')).to.match(/^ordered basic until 20/);
    expect(await ok('subscriptions', 'order', 'sub', 'basic')).to.match(/^has basic until 20/);
    expect(await ok('subscriptions', 'list', 'sub')).to.match(/^basic\t20[^\t]+\t20[^\t]+\toperator\n$/);
    expect(await ok('subscriptions', 'cancel', 'sub', 'basic')).to.equal('cancelled basic\n');
    expect(await ok('subscriptions', 'cancel', 'sub', 'basic')).to.equal('did not have basic\n');
    await refused(['subscriptions', 'order', 'sub', 'nothing'], /there is no purchase item nothing/);
    await refused(['subscriptions', 'list', 'nobody'], /there is no handset user nobody/);
    const file = join(folder, 'subscriptions.csv');
    writeFileSync(file, 'user,item,until\nsub,basic,2099-01-01\nnobody,basic,\n');
    const imported = await run(['subscriptions', 'import', file]);
    expect([imported.code, imported.told]).to.deep.equal([1, '']);
    expect(imported.out.split('\n')).to.deep.equal([
      '2\tordered\tsub\tbasic\t',
      '3\trefused\tnobody\tbasic\tthere is no such enabled handset user',
      '1 ordered, 0 changed, 0 cancelled, 0 unchanged, 1 refused',
      '',
    ]);
    expect((await fetch(`${url}/sg/purchase-items/basic`, { method: 'DELETE', headers })).status).to.equal(204);
    const entries = await ok('audit', 'list', '--limit', '2');
    expect(entries).to.match(
      /\tcommand line\tsubscription\.import\tsubscriptions\t.*\n.*\tsubscription\.cancel\tsub\t/,
    );
  });

  it('G2, G5: the guide is loaded and shown; marks say what is measured, in the zone of the service too', async () => {
    const file = join(folder, 'guide.xml');
    writeFileSync(
      file,
      `<tv><channel id="c1"><display-name>One</display-name></channel>
      <programme channel="c1" start="20260301180000 +0000" stop="20260301190000 +0000"><title>News</title></programme></tv>`,
    );
    expect(await ok('guide', 'load', file, '--provider', 'news-corp')).to.match(
      /: 1 services, 1 programmes, 0 skipped/,
    );
    const shown = await ok('guide', 'show', '--service', 'c1', '--from', '2026-03-01', '--to', '2026-03-02');
    expect(shown).to.equal('c1\t2026-03-01T18:00:00.000Z\t2026-03-01T19:00:00.000Z\tNews\n');
    expect(await ok('guide', 'measured', 'c1')).to.match(/^no marks/);
    const put = await fetch(`${url}/sg/services/c1`, {
      method: 'PUT',
      headers: { authorization: basic, 'content-type': 'application/json' },
      body: JSON.stringify({ names: { en: 'One' }, zone: 'Asia/Shanghai' }),
    });
    expect(put.status).to.equal(200);
    const marks = ['stat=TRUE 2007-08-09 12:00~13:00', 'TRUE 2007-08-10T12:00+01:00~13:00'];
    expect(await ok('guide', 'measured', 'c1', ...marks)).to.equal(
      '2007-08-09T04:00:00.000Z\t2007-08-09T05:00:00.000Z\n2007-08-10T11:00:00.000Z\t2007-08-10T12:00:00.000Z\n',
    );
    expect(JSON.parse(await ok('guide', 'measured', 'c1', '--json'))).to.have.length(2);
    await refused(['guide', 'measured', 'c1', 'TRUE tomorrow'], /is not of the form/);
    expect(await ok('guide', 'measured', 'c1', '--clear')).to.match(/^no marks/);
    expect(await ok('jobs', 'list')).to.match(/^retention\t30 3 \* \* \*\tUTC\t/m);
  });

  it('G1, G9: services and bundles are put on sale and taken off', async () => {
    const price = ['--price', '4.99', '--currency', 'EUR'];
    const monthly = ['--services', 'c1', '--period', 'P1M'];
    expect(await ok('guide', 'sell', 'one', ...monthly, ...price)).to.match(/: one is on sale\n$/);
    await ok('guide', 'sell', 'all', '--name', 'Everything', '--parts', 'one', ...price);
    expect(await ok('guide', 'items')).to.equal('all\t4.99 EUR\tfor good\tone\none\t4.99 EUR\tP1M\tc1\n');
    await refused(['guide', 'sell', 'one', '--parts', 'all', ...price], /part of itself/);
    await refused(['guide', 'unsell', 'one'], /is a part of all/);
    await ok('guide', 'unsell', 'all');
    await ok('guide', 'unsell', 'one');
    expect(await ok('guide', 'items', '--json')).to.equal('[]\n');
  });

  it('V11, O8: reading sessions at the desk while reports pour in changes nothing of them', async () => {
    let done = false;
    const fleet = run(['simulate', '--handsets', '150', '--hours', '4', '--seed', '3', '--json']).finally(() => {
      done = true;
    });
    let reads = 0;
    for (; !done && reads < 3; reads += 1) await ok('sessions', 'list');
    const sent = JSON.parse((await fleet).out) as { acknowledged: number; refused: number };
    expect(sent.acknowledged).to.be.above(100); // few at night: the fleet keeps human hours
    expect(reads).to.be.above(1);
    await ok('sessions', 'list'); // it waits until all is settled
    const { stored, derived } = await sessionsFromReports(join(data, 'pocketmeter.db'));
    expect(stored.length).to.be.above(30);
    expect(stored).to.deep.equal(derived);
  });

  it('O7: a back-up beside the server, restored elsewhere, has the same sessions and the same log-ins', async () => {
    const file = join(folder, 'backup.db');
    const told = await ok('data', 'backup', file);
    expect(told).to.contain('read again and whole').and.contain(join(data, 'secret.key'));
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    await refused(['data', 'backup', file], /is there already; --force/);
    const window = ['--from', '2020-01-01', '--to', '2040-01-01'];
    const before = await ok('sessions', 'list', ...window);

    const elsewhere = join(folder, 'elsewhere');
    const there = commandLine({ DATA_DIR: elsewhere });
    await refused(['data', 'restore', file], /there is no .*secret\.key/, there);
    const { code } = await commandLine({ DATA_DIR: elsewhere, SECRET_KEY: '07'.repeat(32) })(['data', 'restore', file]);
    expect(code, 'a wrong key').to.equal(1);
    const key = { SECRET_KEY: readFileSync(join(data, 'secret.key'), 'latin1').trim(), DATA_DIR: elsewhere };
    const restored = await commandLine(key)(['data', 'restore', file, '--json']);
    expect(restored.told).to.equal('');
    expect(JSON.parse(restored.out)).to.include({
      accounts: JSON.parse(await ok('accounts', 'list', '--json', '--limit', '9999')).length,
    });
    expect((await commandLine(key)(['sessions', 'list', ...window])).out).to.equal(before);

    const second = spawnServer({ ...key, LOG_LEVEL: 'info' });
    try {
      const there = `http://127.0.0.1:${await second.ready()}`;
      expect(await postReport(there, { user: '13800000002', password: 'handset-2' })).to.equal('recorded');
      expect((await ask('/accounts', there)).status).to.equal(200);
    } finally {
      second.kill('SIGTERM');
      await second.ended;
    }
  });

  it('O7: nothing is restored over a running server, over data without --force, or from what is damaged', async () => {
    const file = join(folder, 'backup-2.db');
    await ok('data', 'backup', file);
    await refused(['data', 'restore', file, '--force'], /a server or another command uses it/);

    const third = join(folder, 'third');
    const there = commandLine({ DATA_DIR: third });
    expect((await there(['accounts', 'add', 'only-here', '--password', 'p'])).code).to.equal(0);
    await refused(['data', 'restore', file], /there is data in .*; --force moves it aside/, there);
    await refused(['data', 'restore', file, '--force'], /secret\.key is not the key of this store/, there);

    const bytes = readFileSync(file);
    bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 8_192);
    const damaged = join(folder, 'damaged.db');
    writeFileSync(damaged, bytes);
    await refused(['data', 'restore', damaged, '--force'], /it is damaged/, there);
    writeFileSync(damaged, 'no database at all, but long enough to hold the head of one'.repeat(20));
    await refused(['data', 'restore', damaged, '--force'], /it is not a SQLite database/, there);
    expect((await there(['accounts', 'list'])).out).to.contain('only-here');

    writeFileSync(join(third, 'secret.key'), readFileSync(join(data, 'secret.key')));
    const { code, out } = await there(['data', 'restore', file, '--force']);
    expect(code).to.equal(0);
    const aside = /The former data is (\S+):/.exec(out)?.[1] ?? '';
    expect(contentsOf(aside)).to.contain('only-here');
    expect((await there(['accounts', 'list', '--limit', '9999'])).out).not.to.contain('only-here');
    expect((await there(['audit', 'list', '--limit', '1'])).out).to.contain('data.restore');
  });

  it('O2: a user is told and erased beside the server, and no table holds a trace', async () => {
    const phone = { user: '13800000001', password: 'handset-1', imsi: '460001234567890', deviceId: 'phone-of-ada' };
    expect(await postReport(url, phone)).to.equal('recorded');
    const price = ['--price', '4.99', '--currency', 'EUR', '--period', 'P1M'];
    await ok('guide', 'sell', 'paid', '--name', 'Paid', '--services', '02', ...price);
    expect(await ok('subscriptions', 'order', phone.user, 'paid')).to.match(/^ordered paid/);
    const reads = { url, user: phone.user, password: phone.password };
    const get = async (path: string): Promise<string> => {
      const headers = { authorization: await authorizationOf({ ...reads, path }) };
      return (await fetch(url + path, { headers })).text();
    };
    expect(await get('/keys?format=json')).to.contain('"service":"02"');
    const stream = await openSse({ ...reads, path: `/events?device=${phone.deviceId}` });
    await ok('push', 'send', '--user', phone.user, 'en=To the Countess alone');
    await stream.until(1);
    await get(`/updates?device=${phone.deviceId}&since=${stream.lastId()}`);
    await get(`/updates?since=${stream.lastId()}`);
    const out = join(folder, 'ada.json');
    await ok('data', 'export', phone.user, '--out', out);
    const told = JSON.parse(readFileSync(out, 'utf8'));
    expect(statSync(out).mode & 0o777).to.equal(0o600);
    expect(told.account.devices[0]).to.include({ deviceId: phone.deviceId, imsi: phone.imsi });
    expect(told.viewing.reports[0].document).to.contain(`User_ID_Type="${phone.user}"`);
    expect(JSON.parse(await ok('data', 'export', phone.user)).viewing).to.deep.equal(told.viewing);
    const { viewer } = told.account;
    expect(told.subscriptions.items.map(({ item }: { item: string }) => item)).to.deep.equal(['paid']);
    const file = join(data, 'pocketmeter.db');
    const holders = ['account', 'origin', 'push_cursor', 'push_event', 'report', 'subscription_table'];
    expect(tablesWith(file, String(viewer))).to.include.members(holders);
    await refused(['data', 'export', phone.user, '--out', out], /is there already/);

    await refused(['data', 'erase', phone.user], /say --yes/);
    expect(await ok('data', 'erase', phone.user, '--yes')).to.contain('erased 13800000001');
    await stream.over();
    expect(tablesWith(file, String(viewer))).to.deep.equal([]);
    const contents = contentsOf(file);
    // A name as short as Ada is found in sealed texts by chance, but not as a value of its own.
    for (const trace of [phone.user, phone.imsi, phone.deviceId, '\tAda\t', 'Countess'])
      expect(contents).not.to.contain(trace);
    expect(contents, 'others are still there').to.contain('13800000002');
    expect(await postReport(url, phone)).to.equal('401');
    expect(await ok('audit', 'list', '--limit', '1')).to.match(/\taccount\.erase\t\(erased\)\t/);
    const online = (await (await ask('/online')).json()) as { items: { user?: string }[] };
    expect(online.items.map(({ user }) => user)).not.to.contain(phone.user);
  });
});
