// A fleet plays its plan over the wire (O10; V1-V5, V11).

import { expect } from 'chai';
import { createXsdValidator } from '../../../schemas/xsd-validator.ts';
import { planFleet } from '../../../server/simulator/behaviour.ts';
import { runFleet } from '../../../server/simulator/fleet.ts';
import type { FleetPlan, Handset } from '../../../server/simulator/plan.ts';
import { writeBatch, writeReport } from '../../../server/simulator/report-xml.ts';
import { simulatedAccounts } from '../../../server/simulator/simulated-accounts.ts';
import { truthDocument } from '../../../server/simulator/truth.ts';
import { type DigestServer, startDigestServer } from './digest-server.ts';
import { SERVICES, SMOOTH, START_AT } from './fleet-plans.ts';

const simple: Handset = {
  number: 1,
  user: 'sim-00001',
  modern: false,
  clockErrorMs: 0,
  knowsGuide: false,
  logsOutOnZap: false,
};
const modern: Handset = {
  ...simple,
  modern: true,
  deviceId: 'sim-device-00001',
  deviceModel: 'A & "B"',
  imsi: '460001234567890',
  clockErrorMs: 90_000,
};
const logOut = { at: START_AT, type: 'LogOutInfo', service: '01', programme: '11' } as const;

describe('reports of simulated handsets', () => {
  it('V1: a simple handset sends the bare message', () => {
    expect(writeReport({ ...logOut, type: 'LogInInfo' }, simple)).to.equal(`<?xml version="1.0" encoding="UTF-8"?>
<LogReport xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="LogReport.xsd">
  <Message_Type Message_Type_Type="LogInInfo"/>
  <User_ID User_ID_Type="sim-00001"/>
  <Service_ID Service_ID_Type="01"/>
  <Program_ID Program_ID_Type="11"/>
</LogReport>`);
  });

  it('V2: a modern one adds the extension, with the time of its own clock', () => {
    const text = writeReport({ ...logOut, reportId: 'r-1', sequence: 4, endReason: 'off' }, modern);
    expect(text).to.include(
      '<Report xmlns="urn:pocketmeter:report:1" id="r-1" sequence="4" deviceId="sim-device-00001" deviceModel="A &#38; &#34;B&#34;" ' +
        'clientTime="2026-11-20T12:01:30.000Z" endReason="off" access="broadcast"/>',
    );
    expect(text).to.include(
      '<Online_state Online_state_Type="offline"/>\n  <IMSI IMSI_Type="460001234567890"/>\n  <Channel_stat',
    );
  });

  it('V1, V3: reports and batches are valid by the schemas', () => {
    const act = { ...logOut, reportId: 'r-1', sequence: 4, endReason: 'off' } as const;
    const single = createXsdValidator(new URL('../../../schemas/LogReport.xsd', import.meta.url));
    const batch = createXsdValidator(new URL('../../../schemas/LogReports.xsd', import.meta.url));
    for (const handset of [simple, modern]) {
      expect(single.readValid(Buffer.from(writeReport(act, handset)), (root) => root.name)).to.equal('LogReport');
    }
    const text = writeBatch([act, act], modern, START_AT + 500);
    expect(text).to.include('<LogReports sent="2026-11-20T12:01:30.500Z">');
    expect(batch.readValid(Buffer.from(text), (root) => root.name)).to.equal('LogReports');
  });
});

describe('runFleet', () => {
  const HANDSETS = 20;
  const accounts = simulatedAccounts(HANDSETS, 7);
  let server: DigestServer;
  const planOf = (options = {}, hours = 3): FleetPlan =>
    planFleet({ handsets: HANDSETS, hours, seed: 7, startAt: START_AT, services: SERVICES, options });
  const clock = (): number => START_AT + 86_400_000 + 250;

  beforeEach(async () => {
    server = await startDigestServer((user) => accounts.find((account) => account.user === user)?.password);
  });
  afterEach(() => server.close());

  it('O10: sends every delivery, in order for each handset, and counts what is acknowledged', async () => {
    const plan = planOf({ offlineRate: 0.3, doubleRate: 0.2, badClockShare: 1 });
    const progress: number[] = [];
    const result = await runFleet({
      ...{ url: server.url, plan, accounts, speed: 0, concurrency: 5, clock },
      onProgress: ({ done, total }) => progress.push(done, total),
    });
    const { reportsSent, doubles } = truthDocument(plan) as { reportsSent: number; doubles: number };
    expect(reportsSent).to.be.greaterThan(100);
    expect(result).to.include({ sent: reportsSent, acknowledged: reportsSent, refused: 0, doubles, retries: 0 });
    expect(progress.slice(-2)).to.deep.equal([reportsSent, reportsSent]);
    expect(server.rejected).to.equal(0);
    for (const { handset, deliveries } of plan.handsets.filter((each) => each.handset.modern)) {
      const own = server.received.filter(({ body }) => body.includes(`"${handset.deviceId}"`));
      const ids = own.map(({ body }) =>
        [...body.matchAll(/<Report [^>]* sequence="(\d+)"/g)].map(([, count]) => Number(count)),
      );
      expect(ids).to.deep.equal(deliveries.map(({ acts }) => acts.map(({ sequence }) => sequence)));
      expect(own.map(({ path }) => path)).to.deep.equal(
        deliveries.map(({ batch }) => (batch ? '/reports/batch' : '/')),
      );
      for (const { headers } of own) {
        expect(Date.parse(headers.date ?? '')).to.equal(START_AT + 86_400_000 + handset.clockErrorMs); // V4: its clock when it sends
      }
    }
  });

  it('V4: a simple handset dates its message with the time of what happened', async () => {
    const plan = planOf({ modernShare: 0, lateRate: 0.3 });
    await runFleet({ url: server.url, plan, accounts, speed: 0, concurrency: 1, clock });
    const [first] = plan.handsets.filter(({ deliveries }) => deliveries.length > 0);
    const own = server.received.filter(({ user }) => user === first?.handset.user && user !== 'sim-00001');
    expect(first?.handset.user).to.not.equal(undefined);
    const expected = plan.handsets
      .filter(({ handset }) => handset.user === first?.handset.user && handset.user !== 'sim-00001')
      .flatMap(({ deliveries }) => deliveries.map(({ acts }) => acts[0]?.at));
    expect(own.map(({ headers }) => Date.parse(headers.date ?? ''))).to.deep.equal(expected);
  });

  it('V3: what a batch has refused is not acknowledged', async () => {
    server.answer = ({ path }, response) => {
      if (path === '/') return false;
      response.end('<LogReportResults><Refused index="0" code="invalid" detail="no"/></LogReportResults>');
      return true;
    };
    const plan = planOf({ ...SMOOTH, offlineRate: 1 });
    const batches = plan.handsets.flatMap(({ deliveries }) => deliveries).filter(({ batch }) => batch).length;
    const result = await runFleet({ url: server.url, plan, accounts, speed: 0, concurrency: 5, clock });
    expect(batches).to.be.greaterThan(0);
    expect(result.refused).to.equal(batches);
    expect(result.refusals).to.deep.equal({ 200: batches });
    expect(result.acknowledged).to.equal(result.sent - batches);
  });

  it('V8: reports that are refused are counted by status', async () => {
    server.answer = (_, response) => {
      response.writeHead(403).end();
      return true;
    };
    const result = await runFleet({ url: server.url, plan: planOf(SMOOTH), accounts, speed: 0, concurrency: 5, clock });
    expect(result.acknowledged).to.equal(0);
    expect(result.refusals).to.deep.equal({ 403: result.sent });
  });

  it('O10: at a speed, deliveries keep their distances in time', async () => {
    const plan = planOf({ ...SMOOTH, modernShare: 0 }, 1);
    const lastAt = Math.max(...plan.handsets.flatMap(({ deliveries }) => deliveries.map(({ sendAt }) => sendAt)));
    const speed = 5_000;
    const startedAt = Date.now();
    const result = await runFleet({ url: server.url, plan, accounts, speed, concurrency: 5, clock: () => Date.now() });
    expect(result.acknowledged).to.equal(result.sent);
    expect(Date.now() - startedAt).to.be.at.least((lastAt - plan.from) / speed - 1);
  });

  it('O10: an abort ends the run and tells what was done', async () => {
    const stop = new AbortController();
    server.answer = () => {
      if (server.received.length === 5) stop.abort();
      return false;
    };
    const result = await runFleet({
      ...{ url: server.url, plan: planOf(SMOOTH), accounts, speed: 0, concurrency: 1, clock },
      signal: stop.signal,
    });
    expect(result.acknowledged).to.be.within(4, 5);
  });

  it('O10: a missing account is told before anything is sent', async () => {
    const outcome = await runFleet({
      url: server.url,
      plan: planOf(),
      accounts: [],
      speed: 0,
      concurrency: 1,
      clock,
    }).catch((error: Error) => error.message);
    expect(outcome).to.equal('there is no account for sim-00001');
    expect(server.challenges).to.equal(0);
  });
});
