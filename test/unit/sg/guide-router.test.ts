// The guide over HTTP, and from a watched folder (G2, G3, G5).

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import express from 'express';
import request from 'supertest';
import type { Caller } from '../../../server/http/caller.ts';
import { problemEncoder } from '../../../server/http/problem-encoder.ts';
import { createLog } from '../../../server/log.ts';
import { openDatabase } from '../../../server/store/sqlite/database.ts';
import { createSqliteGuideStore } from '../../../server/store/sqlite/guide-store.ts';
import { createGuide, type Guide } from '../../../sg/guide.ts';
import { createGuideFolder } from '../../../sg/guide-folder.ts';
import { guideRouter } from '../../../sg/guide-router.ts';

const XMLTV = `<tv><channel id="a"><display-name lang="en">A</display-name></channel>
<programme channel="a" start="20070809090000" stop="20070809100000"><title lang="en">One</title></programme>
<programme channel="a" start="20070809100000" stop="20070809110000"><title lang="en">Two</title></programme></tv>`;
const LOG = createLog({ level: 'silent' });
const DAY = 'from=2007-08-09T00:00:00Z&to=2007-08-10T00:00:00Z';

describe('guide router', () => {
  let guide: Guide;
  let caller: Caller;
  let app: express.Express;
  beforeEach(() => {
    guide = createGuide({ store: createSqliteGuideStore(openDatabase(':memory:')), clock: Date.now });
    caller = { user: 'p', role: 'provider', provider: 'demo' };
    app = express();
    app.use(
      guideRouter({
        guide,
        encodeXmlProblem: problemEncoder({ log: LOG, format: 'xml' }),
        guard:
          (...roles) =>
          (_request, response, next) => {
            response.locals.caller = caller;
            if (roles.includes(caller.role)) next();
            else response.status(403).end();
          },
      }),
    );
    app.use(problemEncoder({ log: LOG, format: 'json' }));
  });

  it('G2: a provider loads XMLTV, and lists are paged', async () => {
    const loaded = await request(app).post('/sg/loads').type('xml').send(XMLTV);
    expect(loaded.status).to.equal(201);
    expect(loaded.body).to.deep.equal({
      revision: 1,
      source: 'upload by p',
      services: 1,
      programmes: 2,
      skipped: 0,
      faults: [],
      faultCount: 0,
    });
    const services = await request(app).get('/sg/services?provider=demo');
    expect(services.body).to.deep.equal({
      items: [{ id: 'a', names: { en: 'A' }, provider: 'demo', order: 1, measured: [] }],
    });
    const first = await request(app).get(`/sg/programmes?service=a&limit=1&${DAY}`);
    expect(first.body.items).to.deep.equal([
      {
        id: 'a-20070809T0900Z',
        service: 'a',
        startAt: '2007-08-09T09:00:00.000Z',
        stopAt: '2007-08-09T10:00:00.000Z',
        titles: { en: 'One' },
      },
    ]);
    const second = await request(app).get(`/sg/programmes?limit=1&after=${first.body.next}&${DAY}`);
    expect(second.body.items[0].titles).to.deep.equal({ en: 'Two' });
    expect(second.body).to.not.have.property('next');
    expect((await request(app).get('/sg/programmes?from=yesterday')).status).to.equal(400);
  });

  it('G3: a provider loads and edits for itself only, an administrator for any', async () => {
    expect((await request(app).post('/sg/loads?provider=other').send(XMLTV)).status).to.equal(403);
    caller = { user: 'root', role: 'administrator' };
    expect((await request(app).post('/sg/loads?provider=other').type('xml').send(XMLTV)).status).to.equal(201);
    caller = { user: 'p', role: 'provider', provider: 'demo' };
    expect(
      (
        await request(app)
          .put('/sg/services/a')
          .send({ names: { en: 'Mine' } })
      ).status,
    ).to.equal(403);
    expect((await request(app).put('/sg/services/b').send({ names: {} })).status).to.equal(400);
    const put = await request(app)
      .put('/sg/services/b')
      .send({ names: { en: 'B' }, zone: 'Asia/Shanghai' });
    expect(put.status).to.equal(201);
    expect(put.body).to.include({ id: 'b', provider: 'demo', zone: 'Asia/Shanghai' });
    caller = { user: 'h', role: 'handset' };
    expect(
      (
        await request(app)
          .put('/sg/services/b')
          .send({ names: { en: 'B' } })
      ).status,
    ).to.equal(403);
  });

  it('G5: marks are set and answered as windows', async () => {
    await request(app)
      .put('/sg/services/b')
      .send({ names: { en: 'B' }, zone: 'Asia/Shanghai' });
    const marks = ['stat=TRUE 2007-08-09 12:00~13:00'];
    const put = await request(app).put('/sg/services/b/measured-windows').send({ marks });
    expect(put.body).to.deep.equal({ items: [{ from: '2007-08-09T04:00:00.000Z', to: '2007-08-09T05:00:00.000Z' }] });
    expect(
      (
        await request(app)
          .put('/sg/services/b/measured-windows')
          .send({ marks: ['x'] })
      ).status,
    ).to.equal(400);
    expect((await request(app).put('/sg/services/none/measured-windows').send({ marks })).status).to.equal(404);
  });

  it('G5: all but one window is measured; times stay within what RFC 3339 can say', async () => {
    await request(app)
      .put('/sg/services/b')
      .send({ names: { en: 'B' } });
    const marks = ['FALSE 2007-08-09 12:00~13:00'];
    const put = await request(app).put('/sg/services/b/measured-windows').send({ marks });
    expect(put.body.items).to.deep.equal([
      { from: '0001-01-01T00:00:00.000Z', to: '2007-08-09T12:00:00.000Z' },
      { from: '2007-08-09T13:00:00.000Z', to: '9999-12-31T23:59:59.999Z' },
    ]);
  });

  it('G2: a refused document changes nothing', async () => {
    const answer = await request(app).post('/sg/loads').type('xml').send('<tv><channel id="a">');
    expect(answer.status).to.equal(400);
    expect(await guide.revision()).to.equal(0);
  });

  it('G2: a file in the folder is loaded when it has settled, once, and again when it changes', async () => {
    const path = await mkdtemp(join(tmpdir(), 'guide-folder-'));
    try {
      const open = () => createGuideFolder({ folder: path, provider: 'demo', guide, log: LOG });
      const folder = open();
      await writeFile(join(path, 'today.xml'), XMLTV);
      await writeFile(join(path, 'broken.xml'), '<tv>');
      await folder.scan();
      expect(await guide.revision()).to.equal(0);
      await folder.scan();
      expect(await guide.revision()).to.equal(1);
      const result = JSON.parse(await readFile(join(path, 'today.result.json'), 'utf8'));
      expect(result.result).to.include({ revision: 1, programmes: 2 });
      const broken = JSON.parse(await readFile(join(path, 'broken.result.json'), 'utf8'));
      expect(broken.problem.code).to.equal('invalid');
      await rm(join(path, 'broken.xml'));
      await guide.putService(
        { role: 'administrator' },
        { id: 'a', names: { en: 'Z' }, provider: 'demo', order: 1, measured: [] },
      );
      const restarted = open();
      await restarted.scan();
      await restarted.scan();
      expect((await guide.findService('a'))?.names).to.deep.equal({ en: 'Z' });
      await writeFile(join(path, 'today.xml'), XMLTV.replace('>A<', '>Changed<'));
      await restarted.scan();
      await restarted.scan();
      expect((await guide.findService('a'))?.names).to.deep.equal({ en: 'Changed' });
      await restarted.stop();
    } finally {
      await rm(path, { recursive: true });
    }
  });
});
