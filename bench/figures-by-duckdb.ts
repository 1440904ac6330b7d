// The same figures by an embedded analytical SQL engine, in the best SQL that was found, on the same data (ratings R18).

import { DOUBLE, DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api';
import type { Summed, SummedHeader, SummedRow } from './figures-compared.ts';
import { type FilledDay, PROGRAMMES_A_SERVICE, serviceOf, sessionsOfDay } from './filled-viewing.ts';

const AT_ONCE = 2_048; // rows of a chunk
const DWELL_MS = 60_000;
const REACH_S = 60;
/** Minutes of a service, and one for what ends with the day. */
const STRIDE = 1_441;

/*
 * Sessions lie in order of (viewer, start) in the table, as they do in the store, so that window functions without an order of their
 * own see neighbours, and nothing is sorted. A viewer whose sessions neither touch nor share a programme (`plain`) is
 * counted by sums of where sessions begin and end. Of the others the overlaps are cut at each point of time, and
 * reach is counted by groups of (programme, viewer). Programmes begin at whole minutes: a table of minutes finds them.
 */
const RUNS = `
CREATE OR REPLACE TEMP TABLE base AS
  SELECT a.*, p.number AS n0, q.number AS n1
  FROM (
    SELECT *, lag(viewer) OVER () AS formerViewer, lag(service * ${STRIDE} + (endS - 1) // 60) OVER () AS formerKey, lag(endS) OVER () AS formerEnd
    FROM (
      SELECT viewer, service, startedAt, (startedAt // 1000)::INT AS startS, least(endedAt // 1000, 86400)::INT AS endS
      FROM session WHERE endedAt - startedAt >= ${DWELL_MS}
    )
  ) a
  JOIN slot p ON p.key = service * ${STRIDE} + startS // 60
  JOIN slot q ON q.key = service * ${STRIDE} + (endS - 1) // 60;
CREATE OR REPLACE TEMP TABLE tangled AS
  SELECT viewer, bool_or(startS <= formerEnd) AS isCut
  FROM base LEFT JOIN slot ON key = formerKey
  WHERE viewer = formerViewer AND (startS < stopS OR startS <= formerEnd) GROUP BY viewer;
CREATE OR REPLACE TEMP TABLE plain AS SELECT service, startS, endS, n0, n1 FROM base ANTI JOIN tangled USING (viewer);
CREATE OR REPLACE TEMP TABLE knot AS
  SELECT viewer, service, startedAt, startS, endS, n0, n1, isCut FROM base JOIN tangled USING (viewer);
CREATE OR REPLACE TEMP TABLE won AS
  WITH overlapping AS (SELECT * FROM knot WHERE isCut),
  points AS (SELECT viewer, startS AS point FROM overlapping UNION SELECT viewer, endS FROM overlapping),
  span AS (SELECT viewer, point AS startS, lead(point) OVER (PARTITION BY viewer ORDER BY point) AS endS FROM points)
  SELECT span.viewer, span.startS, span.endS, arg_max(service, startedAt) AS service, max(startedAt) AS startedAt
  FROM span JOIN overlapping o ON o.viewer = span.viewer AND o.startS <= span.startS AND o.endS >= span.endS
  GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE run AS
  WITH marked AS (
    SELECT *, (service IS DISTINCT FROM lag(service) OVER w OR startS <> lag(endS) OVER w)::INT AS isNew
    FROM won WINDOW w AS (PARTITION BY viewer ORDER BY startS)
  ),
  island AS (SELECT *, sum(isNew) OVER (PARTITION BY viewer ORDER BY startS) AS number FROM marked),
  joined AS (
    SELECT viewer, any_value(service) AS service, min(startS) AS startS, max(endS) AS endS FROM island GROUP BY viewer, number
  )
  SELECT viewer, service, startS, endS, n0, n1 FROM knot WHERE NOT isCut
  UNION ALL
  SELECT viewer, service, startS, endS, p.number, q.number FROM joined
  JOIN slot p ON p.key = service * ${STRIDE} + startS // 60
  JOIN slot q ON q.key = service * ${STRIDE} + (endS - 1) // 60;
CREATE OR REPLACE TEMP TABLE minute AS
  WITH piece AS (SELECT service, startS, endS FROM plain UNION ALL SELECT service, startS, endS FROM run),
  edge AS (
    SELECT service * ${STRIDE} + startS // 60 AS key, count(*) AS rise, sum(60 - startS % 60) AS part FROM piece GROUP BY key
    UNION ALL
    SELECT service * ${STRIDE} + endS // 60 AS key, -count(*), -sum(60 - endS % 60) FROM piece GROUP BY key
  ),
  step AS (SELECT key, sum(rise) AS rise, sum(part) AS part FROM edge GROUP BY key),
  filled AS (SELECT slot.key, coalesce(rise, 0) AS rise, coalesce(part, 0) AS part FROM slot LEFT JOIN step USING (key)),
  counted AS (
    SELECT key // ${STRIDE} AS service, key % ${STRIDE} AS minute,
      part + 60 * coalesce(sum(rise) OVER (PARTITION BY key // ${STRIDE} ORDER BY key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS seconds
    FROM filled
  )
  SELECT service, minute, seconds, sum(seconds) OVER (PARTITION BY minute) AS anySeconds FROM counted WHERE minute < 1440;
`;

const PROGRAMMES = `
WITH piece AS (
  SELECT viewer, number, least(endS, stopS) - greatest(r.startS, p.startS) AS seconds
  FROM (SELECT viewer, startS, endS, unnest(range(n0, n1 + 1)) AS number FROM run) r JOIN programme p USING (number)
),
person AS (SELECT number, WATCHED(seconds) AS watched FROM piece GROUP BY number, viewer),
knotted AS (SELECT number, count(*) FILTER (watched >= ${REACH_S}) AS knotted FROM person GROUP BY number),
first AS (
  SELECT n0 AS number, count(*) FILTER (least(endS, stopS) - plain.startS >= ${REACH_S}) AS reached,
    count(*) FILTER (n1 > n0) AS rise
  FROM plain JOIN programme ON number = n0 GROUP BY n0
),
last AS (
  SELECT n1 AS number, count(*) FILTER (endS - programme.startS >= ${REACH_S}) AS reached, count(*) AS fall
  FROM plain JOIN programme ON number = n1 WHERE n1 > n0 GROUP BY n1
),
edged AS (
  SELECT p.number, p.startS, p.stopS, coalesce(first.reached, 0) + coalesce(last.reached, 0)
    + coalesce(sum(coalesce(rise, 0)) OVER before, 0) - coalesce(sum(coalesce(fall, 0)) OVER upTo, 0) AS reached
  FROM programme p LEFT JOIN first USING (number) LEFT JOIN last USING (number)
  WINDOW before AS (ORDER BY p.number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), upTo AS (ORDER BY p.number)
),
watched AS (
  SELECT number, sum(seconds) AS seconds, sum(anySeconds) AS anySeconds,
    arg_max(minute, (seconds, -minute)) AS peakMinute, max(seconds) AS peakSeconds,
    arg_min(minute, (seconds, minute)) AS lowestMinute, min(seconds) AS lowestSeconds
  FROM minute JOIN slot ON key = service * ${STRIDE} + minute GROUP BY number
)
SELECT number // ${PROGRAMMES_A_SERVICE} AS service, startS::INT AS "startS", stopS::INT AS "stopS", seconds::DOUBLE AS seconds,
  anySeconds::DOUBLE AS "anySeconds", (reached + coalesce(knotted, 0))::DOUBLE AS reach,
  peakMinute::INT AS "peakMinute", peakSeconds::DOUBLE AS "peakSeconds",
  lowestMinute::INT AS "lowestMinute", lowestSeconds::DOUBLE AS "lowestSeconds"
FROM edged LEFT JOIN knotted USING (number) JOIN watched USING (number) ORDER BY number`;

/** Programmes that handsets name against those scheduled; and sessions of which anything counts. */
const CHECK = `
SELECT count(*)::INT AS "programmesCompared", (count(*) FILTER (programme <> number))::INT AS "programmesDisagreeing"
FROM session JOIN slot ON key = service * ${STRIDE} + startedAt // 60000`;
const SESSIONS = `
SELECT ((SELECT count(*) FROM plain) + (SELECT count(*) FROM knot WHERE NOT isCut)
  + (SELECT count(*) FROM (SELECT DISTINCT viewer, startedAt FROM won)))::INT AS sessions`;

/** A minute reaches who watched all of it. */
const MINUTES = `
WITH whole AS (
  SELECT service, (startS + 59) // 60 AS first, endS // 60 AS last
  FROM (SELECT service, startS, endS FROM plain UNION ALL SELECT service, startS, endS FROM run) WHERE (startS + 59) // 60 < endS // 60
),
step AS (
  SELECT key, sum(rise) AS rise FROM (
    SELECT service * ${STRIDE} + first AS key, count(*) AS rise FROM whole GROUP BY key
    UNION ALL SELECT service * ${STRIDE} + last AS key, -count(*) FROM whole GROUP BY key
  ) GROUP BY key
)
SELECT service::INT AS service, (minute * 60)::INT AS "startS", (minute * 60 + 60)::INT AS "stopS", seconds::DOUBLE AS seconds,
  anySeconds::DOUBLE AS "anySeconds", (sum(coalesce(rise, 0)) OVER (PARTITION BY service ORDER BY minute))::DOUBLE AS reach,
  minute::INT AS "peakMinute", seconds::DOUBLE AS "peakSeconds", minute::INT AS "lowestMinute", seconds::DOUBLE AS "lowestSeconds"
FROM minute LEFT JOIN step ON key = service * ${STRIDE} + minute ORDER BY service, minute`;

/** Loads the day into memory; one thread. */
export async function openSqlEngine(filled: FilledDay): Promise<(question: string) => Promise<Summed>> {
  const database = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await database.connect();
  await connection.run(
    'CREATE TABLE given (viewer DOUBLE, service DOUBLE, programme DOUBLE, startedAt DOUBLE, endedAt DOUBLE)',
  );
  const appender = await connection.createAppender('given');
  let columns: number[][] = [[], [], [], [], []];
  const flush = (): void => {
    const chunk = DuckDBDataChunk.create([DOUBLE, DOUBLE, DOUBLE, DOUBLE, DOUBLE]);
    chunk.setColumns(columns);
    appender.appendDataChunk(chunk);
    columns = [[], [], [], [], []];
  };
  const numbers = new Map(Array.from({ length: filled.services }, (_, number) => [serviceOf(number), number]));
  for (const { viewer, service, programme, startedAt, endedAt } of sessionsOfDay(filled)) {
    const number = numbers.get(service) ?? 0;
    const named = number * PROGRAMMES_A_SERVICE + Number(programme.slice(service.length + 1));
    [viewer, number, named, startedAt - filled.day, endedAt - filled.day].forEach((value, at) => {
      columns[at]?.push(value);
    });
    if (columns[0]?.length === AT_ONCE) flush();
  }
  flush();
  appender.closeSync();
  const minutesOf = 1_440 / PROGRAMMES_A_SERVICE;
  await connection.run(`
    CREATE TABLE session AS SELECT viewer::BIGINT AS viewer, service::INT AS service, programme::INT AS programme,
      startedAt::INT AS startedAt, endedAt::INT AS endedAt FROM given;
    DROP TABLE given;
    CREATE TABLE slot AS SELECT (s.range * ${STRIDE} + m.range)::INT AS key,
      (s.range * ${PROGRAMMES_A_SERVICE} + m.range // ${minutesOf})::INT AS number, ((m.range // ${minutesOf} + 1) * ${minutesOf} * 60)::INT AS stopS
      FROM range(${filled.services}) s, range(1440) m;
    CREATE TABLE programme AS SELECT number, (min(key % ${STRIDE}) * 60)::INT AS startS, (max(key % ${STRIDE}) * 60 + 60)::INT AS stopS
      FROM slot GROUP BY number ORDER BY number`);
  const rowsOf = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJS();
  return async (question) => {
    await connection.run(RUNS);
    const [sessions] = (await rowsOf(SESSIONS)) as unknown as [SummedHeader];
    if (question === 'service,minute')
      return { rows: (await rowsOf(MINUTES)) as unknown as SummedRow[], header: sessions };
    const watched = question.endsWith('consecutive') ? 'max' : 'sum';
    const rows = (await rowsOf(PROGRAMMES.replace('WATCHED', watched))) as unknown as SummedRow[];
    const [check] = (await rowsOf(CHECK)) as unknown as [object];
    return { rows, header: { ...sessions, ...check } };
  };
}
