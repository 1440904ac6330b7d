// What Prometheus is told: requests, reports, sessions and gauges read when asked (O7).

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** `route` is a route's pattern, never an address that was asked for: its values must be few. */
  countRequest(method: string, route: string, status: number, durationMs: number): void;
  /** `result` is what was done with the report, such as `recorded` or `doubled`. */
  countReport(result: string): void;
  countSessions(count: number): void;
  /** `kind` is what happened to a subscription, such as `ordered` or `expired`. */
  countSubscriptionChange(kind: string): void;
  /** A gauge that is read when Prometheus asks. `name` goes without the prefix `pocketmeter_`. */
  addGauge(name: string, help: string, read: () => number | Promise<number>): void;
  /** A count that only grows, read when Prometheus asks. */
  addCounter(name: string, help: string, read: () => number): void;
  /** All of it in Prometheus' text form. */
  write(): Promise<{ contentType: string; text: string }>;
}

const BUCKETS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]; // a report takes about 1 ms

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'pocketmeter_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_S,
    registers,
  });
  const reports = new Counter({
    name: 'pocketmeter_reports_total',
    help: 'Reports of handsets by what was done with them',
    labelNames: ['result'],
    registers,
  });
  const subscriptions = new Counter({
    name: 'pocketmeter_subscription_changes_total',
    help: 'Changes of subscriptions by kind',
    labelNames: ['kind'],
    registers,
  });
  const sessions = new Counter({ name: 'pocketmeter_sessions_total', help: 'Viewing sessions written', registers });

  return {
    countRequest(method, route, status, durationMs) {
      requests.observe({ method, route, status }, durationMs / 1_000);
    },
    countReport(result) {
      reports.inc({ result });
    },
    countSessions(count) {
      sessions.inc(count);
    },
    countSubscriptionChange(kind) {
      subscriptions.inc({ kind });
    },
    addGauge(name, help, read) {
      const collect = async function (this: Gauge): Promise<void> {
        this.set(await read());
      };
      new Gauge({ name: `pocketmeter_${name}`, help, registers, collect });
    },
    addCounter(name, help, read) {
      const collect = function (this: Counter): void {
        this.reset();
        this.inc(read());
      };
      new Counter({ name: `pocketmeter_${name}`, help, registers, collect });
    },
    async write() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
