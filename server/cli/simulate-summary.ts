// What a fleet did and got, in a few lines to read (O10).

import type { FleetResult } from '../simulator/fleet.ts';
import type { EventCounts } from '../simulator/received-events.ts';

/** Whether the server took all, told all, in order, and answered rightly. */
export function isFlawless({ refused, streams, mailboxes, errands }: FleetResult): boolean {
  const faultsIn = ({ missed, foreign, outOfOrder }: EventCounts): number => missed + foreign + outOfOrder;
  return refused + streams.refused + streams.unopened + faultsIn(streams) + faultsIn(mailboxes) + errands.wrong === 0;
}

/** A line of reports; one each of streams, of handsets without, and of what was bought, where there was any; and who had faults. */
export function summaryOf(result: FleetResult): string {
  const {
    sent,
    acknowledged,
    refused,
    unmeasured,
    doubles,
    p50Ms,
    p99Ms,
    streams,
    mailboxes,
    errands,
    surveys,
    faulty,
    results,
  } = result;
  const kept = unmeasured === 0 ? '' : `; ${unmeasured} not sent, as the guide does not measure them`;
  const outside = results.quarantined ?? 0;
  const aside = outside === 0 ? '' : `; ${outside} quarantined by the server for their times`;
  const lines = [
    `${sent} reports sent, ${acknowledged} acknowledged, ${refused} refused, ${doubles} of them doubles; p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms${kept}${aside}`,
  ];
  if (streams.handsets > 0)
    lines.push(
      `${streams.handsets} event streams: ${eventsOf(streams)}; ${streams.resumes} resumed, ${streams.notRecovered} not recovered, ${streams.refused} refused, ${streams.unopened} never opened`,
    );
  if (mailboxes.received + mailboxes.missed > 0)
    lines.push(
      `${mailboxes.handsets} without a stream: ${eventsOf(mailboxes)}; ${mailboxes.unmarked} not marked before the end`,
    );
  if (errands.orders + errands.guides > 0)
    lines.push(
      `${errands.orders} orders, ${errands.cancels} cancelled again, ${errands.keys} keys; ${errands.guides} guides brought up to date`,
    );
  if (surveys.asked > 0)
    lines.push(
      `${surveys.asked} questions of surveys: ${surveys.counted} answered in time (${surveys.watched} watched, ${surveys.overClaims} over-claims, ${surveys.underReports} under-reports), ${surveys.late} late, ${surveys.silent} not; ${surveys.wrong} answers were not taken`,
    );
  if (errands.wrong > 0) lines.push(`${errands.wrong} answers were wrong`);
  if (faulty.length > 0) lines.push(`handsets with faults: ${shortened(faulty)}`);
  return lines.join('\n');
}

const eventsOf = ({ received, missed, foreign, unjudged, outOfOrder, doubles }: EventCounts): string => {
  const another = foreign === 0 ? '' : `, ${foreign} for another user`;
  const unsure = unjudged === 0 ? '' : `, ${unjudged} more not judged: it is unsure what was watched then`;
  return `${received} events received, ${missed} missed, ${outOfOrder} out of order, ${doubles} doubles dropped${another}${unsure}`;
};

const SHOWN = 10;

function shortened(numbers: readonly number[]): string {
  const more = numbers.length - SHOWN;
  return numbers.slice(0, SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
