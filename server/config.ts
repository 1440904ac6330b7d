// The configuration: environment variables, read here alone, with all faults told at once (O6).

import { type Fault, Problem } from './problem.ts';
import { disagreements } from './setting-disagreements.ts';
import { choice, count, days, flag, key, type Parse, percent, seconds, text, zone } from './setting-kinds.ts';

/** One environment variable. `fallback` is in the form in which one would set it; absent: the setting may be absent. */
interface Setting<T> {
  name: string;
  meaning: string;
  parse: Parse<T>;
  fallback: string | undefined;
}

const setting = <T>(name: string, fallback: string, parse: Parse<T>, meaning: string) => ({
  name,
  fallback,
  parse,
  meaning,
});
const optional = <T>(name: string, parse: Parse<T>, meaning: string) => ({ name, fallback: undefined, parse, meaning });

// The README's table is checked against this one by test/house.
const TABLE = {
  port: setting('PORT', '8080', count(0, 65_535), 'TCP port; 0 takes a free one'),
  host: setting('HOST', '127.0.0.1', text(), 'Address to listen on'),
  dataDir: setting('DATA_DIR', './data', text(), 'Folder of the embedded store and the secret key'),
  mongodbUri: optional('MONGODB_URI', text(/^mongodb(\+srv)?:\/\//), 'MongoDB instead of the embedded store'),
  adminPassword: optional(
    'ADMIN_PASSWORD',
    text(/^.{8,200}$/u),
    'First administrator’s password; made and shown once if absent',
  ),
  realm: setting(
    'REALM',
    'pocketmeter',
    text(/^[^"\\\p{Cc}]{1,100}$/u),
    'Realm of HTTP authentication; part of every stored credential',
  ),
  secretKey: optional(
    'SECRET_KEY',
    key(32),
    '32 bytes in base64 or hex that seal credentials; absent: made at the first start',
  ),
  nonceLifeMs: setting('NONCE_LIFE_S', '300', seconds(1, 86_400), 'Life of a Digest nonce, seconds'),
  challenge: setting(
    'CHALLENGE',
    'every',
    choice('every', 'changes', 'dwell'),
    'Which reports are challenged: every, changes or dwell',
  ),
  dwellMs: setting('DWELL_S', '60', seconds(0, 3_600), 'Shortest viewing that counts as audience, seconds'),
  heartbeatMs: setting('HEARTBEAT_S', '120', seconds(1, 3_600), 'Heartbeat interval assumed of handsets, seconds'),
  onlineTimeoutMs: setting(
    'ONLINE_TIMEOUT_S',
    '300',
    seconds(1, 86_400),
    'Silence after which a device is offline, seconds',
  ),
  sessionCapMs: setting(
    'SESSION_CAP_S',
    '14400',
    seconds(60, 86_400),
    'Longest session without a sign of its end, seconds',
  ),
  clockSkewLimitMs: setting(
    'CLOCK_SKEW_LIMIT_S',
    '300',
    seconds(0, 86_400),
    'Greatest clock skew that is corrected, seconds',
  ),
  reportMaxAgeMs: setting(
    'REPORT_MAX_AGE_S',
    '604800',
    seconds(60, 31_536_000),
    'Age beyond which a late report is quarantined, seconds',
  ),
  consentVersion: optional(
    'CONSENT_VERSION',
    text(/^[\w.-]{1,40}$/),
    'Measure only users who agreed to this version; absent: all but those who objected',
  ),
  measure: setting(
    'MEASURE',
    'all',
    choice('all', 'none'),
    'What is measured where the guide says nothing: all or none',
  ),
  ratingWeights: setting(
    'RATING_WEIGHTS',
    'off',
    choice('on', 'off'),
    'Weigh users by their demographic weight, or count each as one: on or off',
  ),
  suppressBelow: setting('SUPPRESS_BELOW', '5', count(0, 1_000), 'Cells from fewer viewers are not shown'),
  rawRetentionMs: setting('RAW_RETENTION_DAYS', '30', days(1, 3_650), 'Days for which reports and sessions are kept'),
  figuresRetentionMs: setting('FIGURES_RETENTION_DAYS', '400', days(1, 36_500), 'Days for which figures are kept'),
  preferenceHalfLifeMs: setting(
    'PREFERENCE_HALF_LIFE_DAYS',
    '30',
    days(1, 3_650),
    'Age at which viewing counts half in preferences, days',
  ),
  sampleShare: setting('MEASURE_PERCENT', '100', percent(), 'Share of the users that is measured, percent'),
  anonymousGuide: setting(
    'ANONYMOUS_GUIDE',
    'false',
    flag(),
    'Give the guide without marks to who does not log in: true or false',
  ),
  guideRetentionMs: setting(
    'GUIDE_RETENTION_DAYS',
    '400',
    days(1, 36_500),
    'Days for which versions of the guide are kept',
  ),
  eventHistoryMs: setting('EVENT_HISTORY_DAYS', '3', days(1, 365), 'Days for which events for handsets are kept'),
  eventHistory: setting('EVENT_HISTORY', '100000', count(100, 10_000_000), 'Events for handsets that are kept at most'),
  eventStreams: setting(
    'EVENT_STREAMS',
    '50000',
    count(0, 1_000_000),
    'Event streams of one server; each takes a file descriptor',
  ),
  eventStreamsPerUser: setting('EVENT_STREAMS_PER_USER', '10', count(1, 1_000), 'Event streams of one user'),
  eventKeepAliveMs: setting(
    'EVENT_KEEP_ALIVE_S',
    '30',
    seconds(1, 3_600),
    'Between two signs of life on an event stream, seconds',
  ),
  eventRetryMs: setting(
    'EVENT_RETRY_S',
    '30',
    seconds(1, 3_600),
    'Handsets come back to a stream after a random time up to this, seconds',
  ),
  eventBufferBytes: setting(
    'EVENT_BUFFER_BYTES',
    '262144',
    count(16_384, 67_108_864),
    'What may wait for a slow reader of a stream before it is cut off',
  ),
  eventStuckMs: setting(
    'EVENT_STUCK_S',
    '60',
    seconds(1, 3_600),
    'A reader that takes nothing for so long is cut off, seconds',
  ),
  guideDir: optional('GUIDE_DIR', text(), 'Folder that is watched for XMLTV files'),
  guideProvider: setting(
    'GUIDE_PROVIDER',
    'demo',
    text(/^[\w.-]{1,40}$/),
    'Content provider of services loaded from GUIDE_DIR',
  ),
  sampleGuide: setting('SAMPLE_GUIDE', 'true', flag(), 'Load a sample guide when there is none: true or false'),
  subscriptionSync: setting(
    'SUBSCRIPTION_SYNC',
    'server',
    choice('server', 'device'),
    'Whose list of subscriptions counts when a handset syncs: server or device',
  ),
  keyPeriodMs: setting(
    'KEY_PERIOD_S',
    '86400',
    seconds(60, 31_536_000),
    'How long the key of a service is valid, seconds',
  ),
  keyLeadMs: setting(
    'KEY_LEAD_S',
    '3600',
    seconds(10, 604_800),
    'How long before a key ends the next is given out, seconds',
  ),
  zone: setting(
    'ZONE',
    'UTC',
    zone(),
    'IANA time zone of the jobs’ schedules, of the periods of subscriptions and of the days of data quality',
  ),
  tlsCert: optional('TLS_CERT', text(), 'Certificate file (PEM); with TLS_KEY the server speaks HTTPS'),
  tlsKey: optional('TLS_KEY', text(), 'Private key file (PEM)'),
  trustedHops: setting('TRUSTED_HOPS', '0', count(0, 10), 'Proxies in front whose X-Forwarded-For is believed'),
  logLevel: setting(
    'LOG_LEVEL',
    'info',
    choice('debug', 'info', 'warn', 'error', 'silent'),
    'debug, info, warn, error or silent',
  ),
  failuresPerAccount: setting(
    'FAILURES_PER_ACCOUNT',
    '10',
    count(1, 100_000),
    'Failed log-ins of one account before 429',
  ),
  failuresPerAddress: setting(
    'FAILURES_PER_ADDRESS',
    '100',
    count(1, 1_000_000),
    'Failed log-ins from one address before 429',
  ),
  bodyLimitBytes: setting('BODY_LIMIT_BYTES', '65536', count(1_024, 16_777_216), 'Largest body of a report, bytes'),
  queueLimit: setting('QUEUE_LIMIT', '10000', count(1, 1_000_000), 'Reports that may wait for their commit before 503'),
};

type Table = typeof TABLE;
type Value<K extends keyof Table> = ReturnType<Table[K]['parse']>;
type OptionalKey = { [K in keyof Table]: Table[K]['fallback'] extends string ? never : K }[keyof Table];

/** The settings in the units that the server counts in: times in ms, whatever unit the variable has. */
export type Config = { [K in Exclude<keyof Table, OptionalKey>]: Value<K> } & { [K in OptionalKey]?: Value<K> };

/** Every setting, for the documentation and its test. `default` is absent where the setting may be. */
export const SETTINGS: readonly { name: string; default?: string; meaning: string }[] = Object.values(TABLE).map(
  ({ name, fallback, meaning }) => ({ name, meaning, ...(fallback === undefined ? {} : { default: fallback }) }),
);

/**
 * Reads every setting; an empty variable counts as absent. Problem `invalid` with one fault for each wrong setting:
 * `element` is the variable's name, `rule` what is wrong with it. No value is repeated, as some are secret.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const faults: Fault[] = [];
  const values: Record<string, unknown> = {};
  for (const [field, { name, fallback, parse }] of Object.entries<Setting<unknown>>(TABLE)) {
    const given = environment[name] || fallback;
    if (given === undefined) continue;
    try {
      values[field] = parse(given);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      faults.push({ element: name, rule: cause.message });
    }
  }
  const config = values as Config;
  if (faults.length === 0) faults.push(...disagreements(config));
  if (faults.length > 0) {
    const told = faults.map(({ element, rule }) => `${element} ${rule}`).join('; ');
    throw new Problem('invalid', `the configuration is wrong: ${told}`, { faults });
  }
  return config;
}
