// The kinds of values that settings have: text to value, or a RangeError whose message completes "NAME …" (O6).

import { isZone } from '../sg/zone-time.ts';

/** Throws a RangeError that says what the text must be, never what it is. */
export type Parse<T> = (text: string) => T;

export function text(form?: RegExp): Parse<string> {
  return (given) => {
    if (form !== undefined && !form.test(given)) throw new RangeError(`must have the form ${form.source}`);
    return given;
  };
}

export function count(least: number, most: number): Parse<number> {
  return (given) => {
    const value = Number(given);
    if (!/^\d+$/.test(given) || value < least || value > most)
      throw new RangeError(`must be a whole number from ${least} to ${most}`);
    return value;
  };
}

/** Seconds in the variable, milliseconds in the configuration. */
export function seconds(least: number, most: number): Parse<number> {
  const parse = count(least, most);
  return (given) => parse(given) * 1_000;
}

/** Days in the variable, milliseconds in the configuration. */
export function days(least: number, most: number): Parse<number> {
  const parse = count(least, most);
  return (given) => parse(given) * 86_400_000;
}

/** Percent in the variable, a share from 0 to 1 in the configuration. */
export function percent(): Parse<number> {
  return (given) => {
    const value = Number(given);
    if (!/^\d{1,3}(\.\d{1,4})?$/.test(given) || value > 100) throw new RangeError('must be a number from 0 to 100');
    return value / 100;
  };
}

export function choice<const T extends string>(...values: T[]): Parse<T> {
  return (given) => {
    const value = values.find((each) => each === given);
    if (value === undefined) throw new RangeError(`must be one of ${values.join(', ')}`);
    return value;
  };
}

export function flag(): Parse<boolean> {
  const parse = choice('true', 'false');
  return (given) => parse(given) === 'true';
}

/** So many bytes in hex, or in base64 of either alphabet. */
export function key(sizeBytes: number): Parse<Buffer> {
  return (given) => {
    const bytes = new RegExp(`^[0-9a-f]{${sizeBytes * 2}}$`, 'i').test(given)
      ? Buffer.from(given, 'hex')
      : Buffer.from(/^[\w+/-]+={0,2}$/.test(given) ? given : '', 'base64');
    if (bytes.length !== sizeBytes) throw new RangeError(`must be ${sizeBytes} bytes in base64 or hex`);
    return bytes;
  };
}

export function zone(): Parse<string> {
  return (given) => {
    if (!isZone(given)) throw new RangeError('must be an IANA time zone such as Europe/Berlin');
    return given;
  };
}
