// A handset's LogReport as the product keeps it (CN101399958A, tables 1-8; V1, V2, V4, V11).

/** Why a viewing ended, as the extension `urn:pocketmeter:report:1` may say (V2). */
export type EndReason = 'zap' | 'off' | 'background' | 'signal-lost';

/** What the extension namespace adds to the method's message (V2); absent in old handsets. */
export interface ReportExtension {
  reportId?: string;
  /** Counts the reports of one device; tells the order of reports sent in the same second. */
  sequence?: number;
  deviceId?: string;
  deviceModel?: string;
  /** Epoch ms by the handset's clock. */
  clientTime?: number;
  endReason?: EndReason;
  access?: 'broadcast' | 'unicast';
  /** How far behind the broadcast the handset plays; 0 is live. */
  timeShiftS?: number;
  guideVersion?: string;
}

/** The seven elements of the message and the extension, parsed and valid by schemas/LogReport.xsd. */
export interface LogReport {
  type: 'LogInInfo' | 'LogOutInfo';
  user: string;
  /** '' in a LogIn means online, not viewing (V15). */
  service: string;
  programme: string;
  onlineState?: string;
  imsi?: string;
  channelStat?: string;
  extension?: ReportExtension;
}

/** Why a report is kept but takes no part in sessions (V4). */
export type QuarantineReason = 'clock_skew' | 'future' | 'too_old';

/**
 * A report as stored: identity replaced by pseudonyms (O2), times in epoch ms.
 * `viewer` is the user's pseudonym, `device` that of the terminal; both are integers below 2^52.
 */
export interface StoredReport {
  device: number;
  viewer: number;
  type: 'LogInInfo' | 'LogOutInfo';
  service: string;
  programme: string;
  onlineState?: string;
  /** The corrected time of sending (V4). */
  sentAt: number;
  receivedAt: number;
  /** 52 bits of a hash by which the same report sent again is known (V11). */
  key: number;
  /** Digest-authenticated (V9); a session without such a report is not counted. */
  verified: boolean;
  quarantine?: QuarantineReason;
  reportId?: string;
  sequence?: number;
  endReason?: EndReason;
  access?: 'broadcast' | 'unicast';
  timeShiftS?: number;
  /** Names the sender's identity record (user, IMSI, device id), kept apart from viewing data (O2). */
  origin: number;
  /** The document as it came, packed without the sender's identity; see report-document.ts. */
  document: PackedDocument;
}

/**
 * A received document, kept to the byte. With a template: the template's number and the values that no field of the
 * report holds. Without: the whole text, sealed.
 */
export interface PackedDocument {
  template: number;
  rest: string;
}

/** A stored report with its place in the order of arrival, which only the log that gave it out reads. */
export interface Arrival<Place = unknown> {
  arrival: Place;
  report: StoredReport;
}

/** Negative when `one` was received before `other`. */
export const compareReceipts = (one: StoredReport, other: StoredReport): number => one.receivedAt - other.receivedAt;
