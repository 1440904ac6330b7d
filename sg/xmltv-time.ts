// XMLTV's times: `YYYYMMDDhhmmss +hhmm`, from the right cut short at will, zone optional (xmltv.dtd, "start"; G2).

/** Its end may lie in the year after, which xs:dateTime can still tell. */
const LAST_YEAR = 9_998;
const FORM = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(?:(\d{2})(\d{2})?)?)?\s*(?:([+-])(\d{2}):?(\d{2})|Z|UTC|GMT)?$/;

/**
 * Epoch ms, or undefined if it is no time. What is cut off is zero, and no zone is UTC. The day at least must be there:
 * nothing starts "in 2007". Names of zones other than UTC and GMT mean different things in different places: refused.
 */
export function parseXmltvTime(text: string): number | undefined {
  const match = FORM.exec(text.trim());
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  if (hour === undefined || minute === undefined || second === undefined || month === undefined || year === undefined)
    return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(local);
  if (back.getUTCFullYear() !== year || year > LAST_YEAR) return undefined; // Date.UTC takes year 7 for 1907
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day) return undefined; // 30 February
  const offsetMinutes = Number(match[8] ?? 0) * 60 + Number(match[9] ?? 0);
  if (offsetMinutes > 14 * 60 || Number(match[9] ?? 0) > 59) return undefined; // no place is further from UTC
  return local - (match[7] === '-' ? -1 : 1) * offsetMinutes * 60_000;
}
