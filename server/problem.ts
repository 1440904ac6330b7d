// The one error that callers are told about; anything else is internal. Shape on the wire: RFC 9457, written by http/.

/** What went wrong, in the words that every product shares; http/ maps each to one status. */
export type ProblemCode =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'gone'
  | 'too_large'
  | 'rate_limited'
  | 'unsupported'
  | 'unavailable';

/** One place in the input that is wrong. `line` counts from 1; `rule` is the schema's or the product's own word. */
export interface Fault {
  line?: number;
  element?: string;
  rule: string;
}

export interface ProblemOptions {
  /** Seconds after which the caller may try again (rate_limited, unavailable). */
  retryAfterS?: number;
  faults?: Fault[];
  cause?: unknown;
  /** Whoever found it told the log: who meets it need not, each time. */
  isTold?: boolean;
}

/** A refusal that the caller can understand: a stable code, a sentence, and where in the input it lies. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly retryAfterS: number | undefined;
  readonly faults: readonly Fault[];
  readonly isTold: boolean;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.detail = detail;
    this.retryAfterS = options.retryAfterS;
    this.faults = options.faults ?? [];
    this.isTold = options.isTold ?? false;
  }
}
