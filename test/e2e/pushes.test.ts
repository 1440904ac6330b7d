// What operators push, who may, and what handsets fetch that hold no stream (I2, G12, G14, V5, O1, O11).

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { XMLParser } from 'fast-xml-parser';
import { createXsdValidator } from '../../schemas/xsd-validator.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { logReport } from '../support/reports.ts';
import { openSse } from '../support/stream-client.ts';

const validator = createXsdValidator(new URL('../../schemas/Updates.xsd', import.meta.url));

interface Updates {
  recovered: boolean;
  items: { id: string; kind: string; content: Record<string, unknown> }[];
  id: string;
  more: boolean;
}

describe('pushes', () => {
  let world: ApiWorld;
  before(async () => {
    world = await startApiWorld();
    const { guide, push } = world.products;
    const version = await guide.revision();
    const isTold = async () =>
      (await push.mailbox.list({ viewer: -1 }, { limit: 1_000 })).events.some(
        ({ content }) => content.version === version,
      );
    while (!(await isTold())) await sleep(20);
  });
  after(() => world.close());

  const text = (en: string) => ({ text: { en } });
  const push = (user: string, body: object) => world.as(user, 'POST', '/pushes', { body: JSON.stringify(body) });
  const updates = async (user: string, query = ''): Promise<Updates> => {
    const path = `/updates${query}`;
    const authorization = await world.digestOf(user, 'GET', path);
    const answer = await fetch(world.url + path, { headers: { authorization, accept: 'application/json' } });
    expect(answer.status).to.equal(200);
    return (await answer.json()) as Updates;
  };
  const messages = ({ items }: Updates): unknown[] =>
    items.filter(({ kind }) => kind === 'message').map(({ content }) => content);

  const report = async (user: string, service: string): Promise<string> => {
    world.clock.now += 1_000;
    const body = logReport('LogInInfo', user, service, `${service}1`);
    return (await world.as(user, 'POST', '/', { body, type: 'text/xml' })).text();
  };

  it('I2: is counted, kept, audited, listed, and fetched by those whom it concerns', async () => {
    const answer = await push('ops', { audience: { service: '01' }, content: text('Goal'), id: 'goal-1' });
    expect(answer.status).to.equal(201);
    const told = (await answer.json()) as Record<string, unknown>;
    expect(told).to.include({ id: 'goal-1', reached: 0, marked: 1 }); // abc watches, and has no stream
    const { items } = (await (await world.as('ops', 'GET', '/pushes?limit=1')).json()) as { items: object[] };
    expect(items[0]).to.deep.include({
      id: 'goal-1',
      event: told.event,
      audience: { service: '01' },
      content: text('Goal'),
      by: 'ops',
    });
    const [entry] = await world.products.audit.list({ limit: 1 });
    expect(entry).to.deep.include({ by: 'ops', action: 'push.send', subject: 'goal-1' });
    expect(JSON.stringify(entry)).not.to.contain('Goal');
    expect(messages(await updates('abc'))).to.deep.include(text('Goal'));
    expect(messages(await updates('other'))).not.to.deep.include(text('Goal'));
  });

  it('O11: the same id again is the same push; with something else it is refused', async () => {
    const body = { audience: { all: true }, content: text('Once'), id: 'once' };
    const first = (await (await push('ops', body)).json()) as { event: string };
    world.clock.now += 1_000;
    const again = await push('ops', body);
    expect(again.status).to.equal(200);
    expect(((await again.json()) as { event: string }).event).to.equal(first.event);
    expect((await push('ops', { ...body, content: text('Twice') })).status).to.equal(409);
    expect((await push('admin', body)).status).to.equal(409);
    expect(
      messages(await updates('abc')).filter((one) => JSON.stringify(one) === JSON.stringify(text('Once'))),
    ).to.have.length(1);
  });

  it('I2: texts by language, and XML, are content as they are', async () => {
    for (const content of [{ de: 'Kurz' }, '<short/>'])
      expect((await push('ops', { audience: { all: true }, content })).status).to.equal(201);
    const found = messages(await updates('abc'));
    expect(found)
      .to.deep.include({ text: { de: 'Kurz' } })
      .and.to.deep.include({ xml: '<short/>' });
  });

  it('G3, O1: a provider pushes to the viewers of its own services, and to no one else', async () => {
    expect((await push('news', { audience: { service: '01' }, content: text('own') })).status).to.equal(201);
    for (const audience of [{ service: '02' }, { service: 'none' }, { all: true }, { user: 'abc' }])
      expect((await push('news', { audience, content: text('x') })).status, JSON.stringify(audience)).to.equal(403);
  });

  it('O11: what is wrong is refused by name, and nothing is stored', async () => {
    const good = { audience: { all: true }, content: text('x') };
    const before = await world.products.push.pushes.list({ limit: 1_000 });
    const cases: [object, number, string][] = [
      [{ content: good.content }, 400, 'audience'],
      [{ ...good, audience: {} }, 400, 'audience'],
      [{ ...good, audience: { all: true, user: 'abc' } }, 400, 'audience'],
      [{ ...good, audience: { all: false } }, 400, 'audience'],
      [{ ...good, audience: { everybody: true } }, 400, 'audience'],
      [{ ...good, audience: { service: 7 } }, 400, 'audience.service'],
      [{ ...good, audience: { user: 'nobody' } }, 404, 'nobody'],
      [{ ...good, audience: { user: 'ops' } }, 404, 'ops'],
      [{ ...good, audience: { service: 'none' } }, 404, 'none'],
      [{ ...good, audience: { programme: 'none' } }, 404, 'none'],
      [{ audience: good.audience }, 400, 'content'],
      [{ ...good, content: { text: {} } }, 400, 'content.text'],
      [{ ...good, content: { text: { 'no language': 'x' } } }, 400, 'content.text'],
      [{ ...good, content: { text: { en: '' } } }, 400, 'content.text.en'],
      [{ ...good, content: { ...text('x'), xml: '<a/>' } }, 400, 'content'],
      [{ ...good, content: { xml: '<a><b></a>' } }, 400, 'well-formed'],
      [{ ...good, content: { xml: '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>' } }, 400, 'document type'],
      [{ ...good, content: { xml: `<a>${'x'.repeat(32_768)}</a>` } }, 413, 'content.xml'],
      [{ ...good, content: text('x'.repeat(70_000)) }, 413, 'bytes'],
      [{ ...good, validUntil: 'tomorrow' }, 400, 'validUntil'],
      [{ ...good, validUntil: '2020-01-01T00:00:00Z' }, 400, 'validUntil'],
      [{ ...good, id: 'no good' }, 400, 'id'],
      [{ ...good, more: 1 }, 400, 'more'],
    ];
    for (const [body, status, told] of cases) {
      const answer = await push('ops', body);
      const said = await answer.text();
      expect(answer.status, `${JSON.stringify(body).slice(0, 200)} ${said}`).to.equal(status);
      expect(said).to.contain(told);
    }
    expect(await world.products.push.pushes.list({ limit: 1_000 })).to.deep.equal(before);
  });

  it('G12: XML is told as it is, and Updates are valid by their schema', async () => {
    const document = '<?xml version="1.0"?>\n<offer><price currency="EUR">1 &lt; 2</price></offer>';
    await push('ops', { audience: { user: 'abc' }, content: { xml: document } });
    await push('ops', { audience: { user: 'abc' }, content: { text: { en: 'A & "B" <C>', 'pt-BR': 'Olá\u0001' } } });
    const path = '/updates?limit=1000';
    const authorization = await world.digestOf('abc', 'GET', path);
    const answer = await fetch(world.url + path, { headers: { authorization, accept: 'application/xml' } });
    const xml = await answer.text();
    expect(validator.readValid(Buffer.from(xml), (root) => root.name)).to.equal('Updates');
    const parser = new XMLParser({
      ignoreAttributes: false,
      isArray: (name) => name === 'Update' || name === 'Text',
      trimValues: false,
    });
    const { Update } = parser.parse(xml).Updates;
    const [offer, greeting] = Update.slice(-2);
    expect(offer.Document).to.equal(document);
    expect(greeting.Text.map((one: Record<string, string>) => one['#text'])).to.deep.equal([
      'A & "B" <C>',
      'Olá\uFFFD',
    ]);
  });

  it('G14: pages go on where they ended, to the last; an id that is not ours is not recovered', async () => {
    const whole = await updates('abc', '?limit=1000');
    expect(whole).to.include({ recovered: true, more: false });
    const seen: string[] = [];
    let since = '';
    for (let isMore = true; isMore; ) {
      const page = await updates('abc', `?limit=2${since}`);
      expect(page.items.length).to.be.at.most(2);
      seen.push(...page.items.map(({ id }) => id));
      since = `&since=${page.id}`;
      isMore = page.more;
    }
    expect(seen).to.deep.equal(whole.items.map(({ id }) => id));
    expect(await updates('abc', since.replace('&', '?'))).to.deep.include({ recovered: true, items: [] });
    for (const id of ['foreign:3', `${world.products.push.epoch()}:999`, 'x']) {
      const all = await updates('abc', `?limit=1000&since=${id}`);
      expect(all).to.deep.equal({ ...whole, recovered: false });
    }
  });

  it('G8, G11: an order reaches every stream of the user, and marks the answer to a report', async () => {
    const stream = await openSse({ url: world.url, user: 'other', path: '/events?device=d1' });
    const answer = await world.as('other', 'PUT', '/subscriptions/basic');
    expect(answer.status, await answer.clone().text()).to.be.oneOf([200, 201]);
    const events = await stream.until(1);
    expect(events.map(({ kind }) => kind)).to.include('subscription-changed');
    stream.close();
    expect(await report('other', '02')).to.contain('<Key needsUpdate="true"/>');
  });

  it('V5: the answer to a report is marked until it is acknowledged', async () => {
    const { id } = await updates('abc', '?limit=1000');
    await updates('abc', `?since=${id}`);
    expect(await report('abc', '01')).not.to.contain('"true"');
    await push('ops', { audience: { service: '01' }, content: text('marked') });
    expect(await report('abc', '01')).to.contain('<Interaction needsUpdate="true"/>');
    expect(await report('abc', '02'), 'it watched then').to.contain('<Interaction needsUpdate="true"/>');
    const { id: next, items } = await updates('abc', `?since=${id}`);
    expect(items.map(({ content }) => content)).to.deep.equal([text('marked')]);
    expect(await report('abc', '02'), 'fetched, not acknowledged').to.contain('<Interaction needsUpdate="true"/>');
    await updates('abc', `?since=${next}`);
    expect(await report('abc', '02')).not.to.contain('"true"');
  });
});
