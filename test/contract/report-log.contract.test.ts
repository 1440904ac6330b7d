// What every store must do for the log of reports (V11, V17).

import { expect } from 'chai';
import type { Receipt, ReportLog } from '../../server/viewing/report-log.ts';
import { gather } from '../support/pages.ts';
import { atMinute, report } from '../support/reports.ts';
import { type Ports, STORES } from '../support/stores.ts';

for (const store of STORES) {
  describe(`report log on ${store.name}`, () => {
    let ports: Ports;
    let log: ReportLog;
    beforeEach(async () => {
      ports = await store.open();
      log = ports.reports;
    });
    afterEach(() => ports.close());

    const enrolAll = async (): Promise<boolean[]> => {
      const arrivals = await log.listUnsettled(100);
      const first = await log.enrol(arrivals);
      await log.markSettled(arrivals);
      return first;
    };

    it('V11: gives back what was appended, whole and in order of arrival', async () => {
      const reports = [
        report('in', 5, '01', 'a'),
        report('out', 3, '01', 'a', {
          receivedAt: atMinute(6),
          onlineState: 'online',
          reportId: 'r1',
          sequence: 4,
          endReason: 'zap',
          access: 'unicast',
          timeShiftS: 130,
          quarantine: 'too_old',
          verified: false,
          document: { template: 12, rest: 'x\u001fy' },
        }),
      ];
      await log.append(reports);
      expect((await log.listUnsettled(10)).map((each) => each.report)).to.deep.equal(reports);
      expect(await log.listUnsettled(1)).to.have.length(1);
    });

    it('V11: enrols the first of each report and drops doubles, also when asked again', async () => {
      await log.append([report('in', 1, '01', 'a'), report('in', 1, '01', 'a')]);
      const arrivals = await log.listUnsettled(10);
      expect((await log.enrol(arrivals)).filter((isFirst) => isFirst)).to.deep.equal([true]);
      expect((await log.enrol(arrivals)).filter((isFirst) => isFirst)).to.deep.equal([true]);
      await log.markSettled(arrivals);
      await log.append([report('in', 1, '01', 'a'), report('out', 2, '01', 'a')]);
      expect((await enrolAll()).filter((isFirst) => isFirst)).to.deep.equal([true]);
      expect((await log.listOfDevices([{ viewer: 70, device: 7 }], 0)).map((each) => each.type)).to.deep.equal([
        'LogInInfo',
        'LogOutInfo',
      ]);
    });

    it('V11: a report id is enrolled once, whatever its time', async () => {
      const first = report('in', 1, '01', 'a', { reportId: 'one', key: 99 });
      const again = report('in', 2, '01', 'a', { reportId: 'one', key: 99 });
      await log.append([first, again]);
      expect((await enrolAll()).filter((isFirst) => isFirst)).to.deep.equal([true]);
      const kept = await log.listOfDevices([{ viewer: 70, device: 7 }], 0);
      expect(kept.map((each) => each.sentAt)).to.deep.equal([first.sentAt]);
    });

    it('V11: a report sent again is a double, also when its time is corrected otherwise than before', async () => {
      await log.append([report('in', 1, '01', 'a', { key: 99 })]);
      expect(await enrolAll()).to.deep.equal([true]);
      await log.append([report('in', 2, '01', 'a', { key: 99 }), report('in', 2, '01', 'a', { key: 99, device: 8 })]);
      expect((await enrolAll()).filter((isFirst) => isFirst)).to.deep.equal([true]);
      expect((await log.listOfDevices([{ viewer: 70, device: 7 }], 0)).map((each) => each.sentAt)).to.deep.equal([
        atMinute(1),
      ]);
    });

    it('lists a device in order of sending, from a time on', async () => {
      await log.append([
        report('out', 9, '01', 'a'),
        report('in', 1, '01', 'a'),
        report('in', 5, '01', 'a'),
        report('in', 5, '01', 'a', { device: 8 }),
      ]);
      await enrolAll();
      const times = (await log.listOfDevices([{ viewer: 70, device: 7 }], atMinute(5))).map((each) => each.sentAt);
      expect(times).to.deep.equal([atMinute(5), atMinute(9)]);
      await log.append([
        report('in', 6, '01', 'a', { device: 8 }),
        report('in', 7, '01', 'a', { device: 9, viewer: 71 }),
      ]);
      await enrolAll();
      const owners = [8, 7].map((device) => ({ viewer: 70, device }));
      const both = (await log.listOfDevices(owners, atMinute(6))).map(({ device, sentAt }) => [device, sentAt]);
      expect(both).to.deep.equal([
        [8, atMinute(6)],
        [7, atMinute(9)],
      ]);
    });

    it('settled reports are not listed again', async () => {
      await log.append([report('in', 1, '01')]);
      await enrolAll();
      expect(await log.listUnsettled(10)).to.deep.equal([]);
      await log.append([report('in', 2, '01')]);
      expect(await log.listUnsettled(10)).to.have.length(1);
    });

    it('settles a group in parts', async () => {
      await log.append([report('in', 1, '01'), report('in', 2, '01'), report('in', 3, '01')]);
      for (const minute of [1, 2, 3]) {
        const arrivals = await log.listUnsettled(1);
        expect(arrivals.map((each) => each.report.sentAt)).to.deep.equal([atMinute(minute)]);
        expect(await log.enrol(arrivals)).to.deep.equal([true]);
        await log.markSettled(arrivals);
      }
      expect(await log.listUnsettled(10)).to.deep.equal([]);
    });

    it('V15: lists what was received lately, before it is enrolled and after', async () => {
      await log.append([report('in', 1, '01')]);
      expect(await log.findLastReceivedAt()).to.equal(atMinute(1));
      await enrolAll();
      expect(await log.findLastReceivedAt()).to.equal(atMinute(1));
      await log.append([report('in', 2, '01'), report('in', 30, '01', '', { receivedAt: atMinute(3) })]);
      await log.enrol(await log.listUnsettled(10));
      expect((await log.listReceivedSince(atMinute(1))).map((each) => each.receivedAt)).to.deep.equal(
        [1, 2, 3].map((minute) => atMinute(minute)),
      );
      expect(await log.findLastReceivedAt()).to.equal(atMinute(3));
    });

    it('V15: lists what was received lately', async () => {
      expect(await log.findLastReceivedAt()).to.equal(undefined);
      await log.append([report('in', 1, '01'), report('in', 20, '02'), report('out', 21, '02')]);
      expect((await log.listReceivedSince(atMinute(20))).map((each) => each.type)).to.deep.equal([
        'LogInInfo',
        'LogOutInfo',
      ]);
      expect(await log.findLastReceivedAt()).to.equal(atMinute(21));
      expect(await log.listReceivedByOthers(0)).to.deep.equal([]);
    });

    it('R16: gives out what was received in a window, settled, quarantined or not, in pages', async () => {
      const late = report('in', 5, '02', '', { receivedAt: atMinute(20), quarantine: 'too_old' });
      await log.append([
        report('in', 9, '01'),
        report('out', 10, '01'),
        late,
        report('in', 30, '01', '', { device: 8 }),
      ]);
      await enrolAll();
      const receipts = (from: number, to: number): Promise<Receipt[]> =>
        gather(log.listReceipts(atMinute(from), atMinute(to)));
      expect(await receipts(10, 30)).to.have.deep.members([
        { device: 7, viewer: 70, type: 'LogOutInfo', sentAt: atMinute(10), receivedAt: atMinute(10) },
        {
          device: 7,
          viewer: 70,
          type: 'LogInInfo',
          sentAt: atMinute(5),
          receivedAt: atMinute(20),
          quarantine: 'too_old',
        },
      ]);
      expect(await receipts(0, 9)).to.deep.equal([]);
      expect(await receipts(31, 99)).to.deep.equal([]);
      const many = Array.from({ length: 4_500 }, (_, at) => report('in', 100 + at / 100, '03', '', { device: at }));
      for (let at = 0; at < many.length; at += 100) {
        await log.append(many.slice(at, at + 100));
        await enrolAll();
      }
      const found = (await receipts(101, 144)).map(({ device }) => device).sort((a, b) => a - b);
      expect(found).to.deep.equal(Array.from({ length: 4_300 }, (_, at) => 100 + at));
    });

    it('keeps templates by number', async () => {
      await log.putTemplate(3, '<a b="');
      await log.putTemplate(3, '<a b="');
      expect(await log.listTemplates()).to.deep.equal([{ template: 3, text: '<a b="' }]);
    });

    it('O2: removes by age, only what is settled, and by viewer', async () => {
      await log.append([report('in', 1, '01'), report('in', 50, '01', '', { viewer: 71, device: 9 })]);
      expect(await log.removeReceivedBefore(atMinute(30))).to.equal(0);
      await enrolAll();
      expect(await log.removeReceivedBefore(atMinute(30))).to.equal(1);
      expect(await log.listOfDevices([{ viewer: 70, device: 7 }], 0)).to.deep.equal([]);
      expect(await log.removeOfViewer(71)).to.equal(1);
      expect(await log.listReceivedSince(0)).to.deep.equal([]);
    });

    it('O2: gives out all of one viewer', async () => {
      await log.append([report('in', 1, '01'), report('in', 2, '01', '', { viewer: 71 }), report('out', 3, '01')]);
      await enrolAll();
      const found: number[] = [];
      for await (const page of log.listOfViewer(70)) found.push(...page.map((each) => each.sentAt));
      expect(found).to.deep.equal([atMinute(1), atMinute(3)]);
    });
  });
}
