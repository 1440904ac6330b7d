// The configuration is read whole, in the server's units, and all that is wrong is told at once (O6).

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readConfig, SETTINGS } from '../../server/config.ts';
import { Problem } from '../../server/problem.ts';
import { readSecretKey } from '../../server/secret-key.ts';

function problemOf(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const wrongSettings = (environment: NodeJS.ProcessEnv): unknown[] =>
  problemOf(() => readConfig(environment)).faults.map((fault) => fault.element);

describe('configuration', () => {
  it('O6: without any variable the defaults hold, times in ms, absent settings absent', () => {
    expect(readConfig({})).to.deep.equal({
      port: 8080,
      host: '127.0.0.1',
      dataDir: './data',
      realm: 'pocketmeter',
      nonceLifeMs: 300_000,
      challenge: 'every',
      dwellMs: 60_000,
      heartbeatMs: 120_000,
      onlineTimeoutMs: 300_000,
      sessionCapMs: 14_400_000,
      clockSkewLimitMs: 300_000,
      reportMaxAgeMs: 604_800_000,
      measure: 'all',
      sampleShare: 1,
      anonymousGuide: false,
      guideRetentionMs: 34_560_000_000,
      suppressBelow: 5,
      ratingWeights: 'off',
      preferenceHalfLifeMs: 30 * 86_400_000,
      rawRetentionMs: 2_592_000_000,
      figuresRetentionMs: 34_560_000_000,
      guideProvider: 'demo',
      sampleGuide: true,
      subscriptionSync: 'server',
      keyPeriodMs: 86_400_000,
      keyLeadMs: 3_600_000,
      zone: 'UTC',
      trustedHops: 0,
      logLevel: 'info',
      eventHistoryMs: 259_200_000,
      eventHistory: 100_000,
      eventStreams: 50_000,
      eventStreamsPerUser: 10,
      eventKeepAliveMs: 30_000,
      eventRetryMs: 30_000,
      eventBufferBytes: 262_144,
      eventStuckMs: 60_000,
      failuresPerAccount: 10,
      failuresPerAddress: 100,
      bodyLimitBytes: 65_536,
      queueLimit: 10_000,
    });
  });

  it('O6: reads each kind of value; an empty one is absent', () => {
    const config = readConfig({
      PORT: '0',
      HOST: '',
      DWELL_S: '30',
      RAW_RETENTION_DAYS: '2',
      CHALLENGE: 'dwell',
      MEASURE_PERCENT: '12.5',
      SAMPLE_GUIDE: 'false',
      ZONE: 'Asia/Kathmandu',
      SECRET_KEY: `${'00'.repeat(31)}ff`,
      CONSENT_VERSION: '2026-1',
    });
    expect([config.port, config.host, config.dwellMs, config.rawRetentionMs]).to.deep.equal([
      0,
      '127.0.0.1',
      30_000,
      172_800_000,
    ]);
    expect(config.sampleShare).to.equal(0.125);
    expect([config.challenge, config.sampleGuide, config.zone]).to.deep.equal(['dwell', false, 'Asia/Kathmandu']);
    expect([config.secretKey?.length, config.secretKey?.[31], config.consentVersion]).to.deep.equal([
      32,
      255,
      '2026-1',
    ]);
    expect(readConfig({ SECRET_KEY: Buffer.alloc(32, 7).toString('base64url') }).secretKey?.[31]).to.equal(7);
  });

  it('O6: tells all faults at once, without their values', () => {
    const environment = {
      PORT: '80a',
      DWELL_S: '-1',
      CHALLENGE: 'never',
      SAMPLE_GUIDE: 'yes',
      ZONE: 'Mars/Base',
      SECRET_KEY: 'hunter2hunter2',
      ADMIN_PASSWORD: 'short',
      MONGODB_URI: 'postgres://x:secret@y',
      QUEUE_LIMIT: '1e3',
      REALM: 'a"b',
    };
    const problem = problemOf(() => readConfig(environment));
    expect(problem.code).to.equal('invalid');
    expect(problem.faults.map((fault) => fault.element)).to.have.members(Object.keys(environment));
    expect(problem.detail)
      .to.contain('PORT must be a whole number from 0 to 65535; ')
      .and.not.match(/hunter2|secret@|short/);
  });

  it('O6: tells settings that are wrong together', () => {
    expect(wrongSettings({ EVENT_KEEP_ALIVE_S: '151' })).to.deep.equal(['EVENT_KEEP_ALIVE_S']);
    expect(wrongSettings({ TLS_CERT: 'a.pem', ONLINE_TIMEOUT_S: '60' })).to.deep.equal(['TLS_KEY', 'ONLINE_TIMEOUT_S']);
    expect(wrongSettings({ TLS_KEY: 'a.pem', DWELL_S: '120', SESSION_CAP_S: '60' })).to.deep.equal([
      'TLS_CERT',
      'DWELL_S',
    ]);
  });

  it('O6: the table has each setting once, with a meaning, and its defaults are valid', () => {
    const names = SETTINGS.map((each) => each.name);
    expect(new Set(names).size).to.equal(names.length);
    expect(names.every((name) => /^[A-Z][A-Z_]+$/.test(name))).to.equal(true);
    expect(SETTINGS.filter((each) => each.meaning.length < 10)).to.deep.equal([]);
    const given = Object.fromEntries(SETTINGS.map((each) => [each.name, each.default]));
    expect(readConfig(given)).to.deep.equal(readConfig({}));
  });
});

describe('secret key', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'pocketmeter-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('V7: is made once, kept for its owner alone, and read again', () => {
    const config = { dataDir: join(dataDir, 'new') };
    const key = readSecretKey(config);
    expect(key.length).to.equal(32);
    expect(readSecretKey(config)).to.deep.equal(key);
    const file = join(dataDir, 'new', 'secret.key');
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(Buffer.from(readFileSync(file, 'utf8'), 'base64')).to.deep.equal(key);
    expect(readSecretKey({ dataDir }).equals(key)).to.equal(false);
  });

  it('V7: the configuration’s key comes first; a damaged file is refused, not replaced', () => {
    writeFileSync(join(dataDir, 'secret.key'), 'abc');
    expect(problemOf(() => readSecretKey({ dataDir })).code).to.equal('invalid');
    expect(readFileSync(join(dataDir, 'secret.key'), 'utf8')).to.equal('abc');
    expect(readSecretKey({ dataDir, secretKey: Buffer.alloc(32, 1) })[0]).to.equal(1);
  });
});
