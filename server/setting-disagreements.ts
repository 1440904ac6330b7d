// Settings that are right by themselves and wrong together (O6).

import type { Config } from './config.ts';
import type { Fault } from './problem.ts';

/** One fault for each: the variable to change, and why. */
export function disagreements(config: Config): Fault[] {
  const faults: Fault[] = [];
  if (config.tlsCert !== undefined && config.tlsKey === undefined)
    faults.push({ element: 'TLS_KEY', rule: 'must be set when TLS_CERT is' });
  if (config.tlsKey !== undefined && config.tlsCert === undefined)
    faults.push({ element: 'TLS_CERT', rule: 'must be set when TLS_KEY is' });
  if (config.onlineTimeoutMs < config.heartbeatMs)
    faults.push({
      element: 'ONLINE_TIMEOUT_S',
      rule: 'must not be less than HEARTBEAT_S: each device would go offline between two heartbeats',
    });
  if (config.keyLeadMs > config.keyPeriodMs)
    faults.push({
      element: 'KEY_LEAD_S',
      rule: 'must not be more than KEY_PERIOD_S: the next key but one is not made',
    });
  if (config.dwellMs > config.sessionCapMs)
    faults.push({ element: 'DWELL_S', rule: 'must not be more than SESSION_CAP_S: nothing would count' });
  if (config.onlineTimeoutMs < 2 * config.eventKeepAliveMs)
    faults.push({
      element: 'EVENT_KEEP_ALIVE_S',
      rule: 'must be half of ONLINE_TIMEOUT_S at most: a device with an open stream would go offline between two signs',
    });
  return faults;
}
