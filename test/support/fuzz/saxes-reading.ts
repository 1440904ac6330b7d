// Reads a LogReport with another parser and without the schema, to compare what valid documents mean (V1, V2).

import { SaxesParser } from 'saxes';
import type { EndReason, LogReport, ReportExtension } from '../../../server/viewing/report.ts';

interface Element {
  uri: string;
  local: string;
  attributes: Map<string, string>;
}

const EXTENSION = 'urn:pocketmeter:report:1';

/** What the children of the root say, whatever the root is; or the first fault that the parser tells. */
export function readBySaxes(text: string): { report: LogReport } | { fault: string } {
  const parser = new SaxesParser({ xmlns: true });
  const children: Element[] = [];
  let fault: string | undefined;
  let depth = 0;
  parser.on('error', ({ message }) => {
    fault ??= message;
  });
  parser.on('opentag', ({ uri, local, attributes }) => {
    depth += 1;
    if (depth !== 2) return;
    const own = Object.values(attributes).filter((attribute) => attribute.uri === '');
    children.push({ uri, local, attributes: new Map(own.map(({ local: name, value }) => [name, value])) });
  });
  parser.on('closetag', () => {
    depth -= 1;
  });
  parser.write(text).close();
  return fault === undefined ? { report: reportOf(children) } : { fault };
}

function reportOf(children: readonly Element[]): LogReport {
  const textOf = (name: string): string | undefined =>
    children.find(({ uri, local }) => uri === '' && local === name)?.attributes.get(`${name}_Type`);
  const [onlineState, imsi, channelStat] = ['Online_state', 'IMSI', 'Channel_stat'].map(textOf);
  const extension = children.find(({ uri, local }) => uri === EXTENSION && local === 'Report');
  return {
    type: textOf('Message_Type')?.trim() === 'LogOutInfo' ? 'LogOutInfo' : 'LogInInfo',
    user: textOf('User_ID') ?? '',
    service: textOf('Service_ID') ?? '',
    programme: textOf('Program_ID') ?? '',
    ...(onlineState === undefined ? {} : { onlineState }),
    ...(imsi === undefined ? {} : { imsi }),
    ...(channelStat === undefined ? {} : { channelStat }),
    ...(extension === undefined ? {} : { extension: extensionOf(extension.attributes) }),
  };
}

function extensionOf(attributes: ReadonlyMap<string, string>): ReportExtension {
  const extension: ReportExtension = {};
  const [id, sequence, deviceId, deviceModel, guideVersion] = [
    'id',
    'sequence',
    'deviceId',
    'deviceModel',
    'guideVersion',
  ].map((name) => attributes.get(name));
  const [clientTime, endReason, access, timeShiftS] = ['clientTime', 'endReason', 'access', 'timeShiftS'].map((name) =>
    attributes.get(name),
  );
  if (id !== undefined) extension.reportId = id;
  if (sequence !== undefined) extension.sequence = Number(sequence) + 0;
  if (deviceId !== undefined) extension.deviceId = deviceId;
  if (deviceModel !== undefined) extension.deviceModel = deviceModel;
  if (clientTime !== undefined) extension.clientTime = Date.parse(clientTime.trim());
  if (endReason !== undefined) extension.endReason = endReason.trim() as EndReason;
  if (access !== undefined) extension.access = access.trim() as 'broadcast' | 'unicast';
  if (timeShiftS !== undefined) extension.timeShiftS = Number(timeShiftS) + 0;
  if (guideVersion !== undefined) extension.guideVersion = guideVersion;
  return extension;
}
