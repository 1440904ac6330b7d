// What a test of bad input sends, and the problem that must come of it (O11).

export interface Bad {
  body: string | Uint8Array;
  status: number;
  code: string;
  headers?: Record<string, string>;
}

export const bad = (
  status: number,
  code: string,
  body: string | Uint8Array,
  headers?: Record<string, string>,
): Bad => ({
  body,
  status,
  code,
  ...(headers === undefined ? {} : { headers }),
});
export const invalid = (body: string | Uint8Array): Bad => bad(400, 'invalid', body);
export const unsupported = (body: string | Uint8Array, headers?: Record<string, string>): Bad =>
  bad(415, 'unsupported', body, headers);
