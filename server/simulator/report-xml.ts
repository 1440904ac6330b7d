// Writes reports as handsets send them: the method's message, our extension, and batches (V1, V2, V3).

import type { Act, Handset } from './plan.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const INSTANCE = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="LogReport.xsd"';
const EXTENSION = 'urn:pocketmeter:report:1';

/** One LogReport document; modern handsets add the extension, with the time by their own clock. */
export function writeReport(act: Act, handset: Handset): string {
  return `${DECLARATION}${reportElement(act, handset, ` ${INSTANCE}`)}`;
}

/** A LogReports document; `sentAt` is the true time of sending, which is written by the handset's clock. */
export function writeBatch(acts: readonly Act[], handset: Handset, sentAt: number): string {
  const reports = acts.map((act) => reportElement(act, handset, '')).join('\n');
  return `${DECLARATION}<LogReports sent="${byItsClock(sentAt, handset)}">\n${reports}\n</LogReports>\n`;
}

function reportElement(act: Act, handset: Handset, attributes: string): string {
  const online = act.type === 'LogInInfo' ? 'online' : 'offline';
  const lines = [
    `<LogReport${attributes}>`,
    element('Message_Type', act.type),
    element('User_ID', handset.user),
    element('Service_ID', act.service),
    element('Program_ID', act.programme),
    ...(handset.modern ? [element('Online_state', online)] : []),
    ...(handset.imsi === undefined ? [] : [element('IMSI', handset.imsi)]),
    ...(handset.modern ? [element('Channel_stat', 'TRUE'), extension(act, handset)] : []),
  ];
  return `${lines.join('\n  ')}\n</LogReport>`;
}

function element(name: string, value: string): string {
  return `<${name} ${name}_Type="${escapeXml(value)}"/>`;
}

function extension(act: Act, handset: Handset): string {
  const values = {
    id: act.reportId,
    sequence: act.sequence?.toString(),
    deviceId: handset.deviceId,
    deviceModel: handset.deviceModel,
    clientTime: byItsClock(act.at, handset),
    endReason: act.endReason,
    access: 'broadcast',
  };
  const attributes = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${escapeXml(value)}"`],
  );
  return `<Report xmlns="${EXTENSION}" ${attributes.join(' ')}/>`;
}

function byItsClock(at: number, handset: Handset): string {
  return new Date(at + handset.clockErrorMs).toISOString();
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
