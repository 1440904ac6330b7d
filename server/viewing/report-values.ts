// The free values of a LogReport: where each stands, what it may be, and which field it becomes (CN101399958A tables 1-7; V1, V2).

import type { EndReason, LogReport, ReportExtension } from './report.ts';

type Field = Exclude<keyof LogReport, 'type' | 'extension'> | keyof ReportExtension;

/** A free value of the message: the attribute that holds it, the field it becomes, and its kind in the schema. */
export interface Slot {
  attribute: string;
  field: Field;
  kind: keyof typeof PLAIN;
  /** The stored report or its sender's identity record holds the value; else only the document has it. */
  isStored: boolean;
}

/** The fields by which a packed document is completed: those of the stored report and of its identity record. */
export type StoredFields = Partial<
  Pick<LogReport, 'user' | 'service' | 'programme' | 'onlineState' | 'imsi'> &
    Pick<ReportExtension, 'reportId' | 'sequence' | 'deviceId' | 'endReason' | 'access' | 'timeShiftS'>
>;

// Values that are valid whatever stands around them: a strict part of what the schema allows, the same after white-space
// treatment, free of references and quotes. Counts are written in one way only and fit a number.
const PLAIN = {
  text: /^[\w .:@+\-/,;()#*]{0,128}$/,
  name: /^[\w .:@+\-/,;()#*]{1,128}$/,
  count: /^(?:0|[1-9]\d{0,14})$/,
  instant: /^[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/,
  endReason: /^(?:zap|off|background|signal-lost)$/,
  access: /^(?:broadcast|unicast)$/,
};

const stored = (attribute: string, field: Field, kind: Slot['kind']): Slot => ({
  attribute,
  field,
  kind,
  isStored: true,
});
const kept = (attribute: string, field: Field, kind: Slot['kind']): Slot => ({
  attribute,
  field,
  kind,
  isStored: false,
});

const SLOTS = new Map(
  [
    stored('User_ID_Type', 'user', 'text'),
    stored('Service_ID_Type', 'service', 'text'),
    stored('Program_ID_Type', 'programme', 'text'),
    stored('Online_state_Type', 'onlineState', 'text'),
    stored('IMSI_Type', 'imsi', 'text'),
    kept('Channel_stat_Type', 'channelStat', 'text'),
    stored('id', 'reportId', 'name'),
    stored('sequence', 'sequence', 'count'),
    stored('deviceId', 'deviceId', 'name'),
    kept('deviceModel', 'deviceModel', 'name'),
    kept('clientTime', 'clientTime', 'instant'),
    stored('endReason', 'endReason', 'endReason'),
    stored('access', 'access', 'access'),
    stored('timeShiftS', 'timeShiftS', 'count'),
    kept('guideVersion', 'guideVersion', 'name'),
  ].map((slot) => [slot.attribute, slot]),
);

/** The free value that an attribute of this name holds. */
export const findSlot = (attribute: string): Slot | undefined => SLOTS.get(attribute);

/** Whether a value, as it stands between quotes, is valid in its slot without asking the schema. */
export const isPlain = (slot: Slot, value: string): boolean =>
  PLAIN[slot.kind].test(value) && (slot.kind !== 'instant' || isCalendarInstant(value));

/** A plain value for a slot, different for each `index` where its kind has so many. */
export function probeOf(slot: Slot, index: number): string {
  if (slot.kind === 'count') return String(1_000 + index);
  if (slot.kind === 'instant') return '2007-07-20T22:31:22.250+02:00';
  if (slot.kind === 'endReason') return 'signal-lost';
  if (slot.kind === 'access') return 'unicast';
  return `probe ${index}`;
}

/** The value of a slot as a plain document writes it; undefined when the fields lack it. */
export function storedValueOf(slot: Slot, fields: { [field in Field]?: string | number }): string | undefined {
  const value = fields[slot.field];
  return value === undefined ? undefined : String(value);
}

/** Puts a valid value into its field. */
export function putValue(report: LogReport, slot: Slot, value: string): void {
  const { field } = slot;
  if (field === 'user' || field === 'service' || field === 'programme') report[field] = value;
  else if (field === 'onlineState' || field === 'imsi' || field === 'channelStat') report[field] = value;
  else {
    report.extension ??= {};
    const { extension } = report;
    if (field === 'sequence' || field === 'timeShiftS')
      extension[field] = Number(value) + 0; // -0 is a valid count, and means 0
    else if (field === 'clientTime') extension.clientTime = Date.parse(value.trim());
    else if (field === 'endReason') extension.endReason = value.trim() as EndReason;
    else if (field === 'access') extension.access = value.trim() === 'unicast' ? 'unicast' : 'broadcast';
    else extension[field] = value;
  }
}

/** Whether the digits of an instant name a day, a time of day and a zone that exist. */
function isCalendarInstant(value: string): boolean {
  const part = (from: number): number => (value.charCodeAt(from) - 48) * 10 + value.charCodeAt(from + 1) - 48;
  const month = part(5);
  const day = part(8);
  if (month < 1 || month > 12 || day < 1 || part(11) > 23 || part(14) > 59 || part(17) > 59) return false;
  if (day > 28 && day > new Date(Date.UTC(part(0) * 100 + part(2), month, 0)).getUTCDate()) return false;
  if (value.endsWith('Z')) return true;
  const zone = value.length - 5;
  return part(zone) <= 13 && part(zone + 3) <= 59;
}
