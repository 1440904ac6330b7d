// Answers in XML or in JSON, problems included, as the sender asks: for addresses of handsets that others use, too (O11).

import type { ErrorRequestHandler, Request } from 'express';
import { Problem } from '../problem.ts';
import type { ProblemFormat } from './problem-encoder.ts';
import { readText } from './query.ts';

/** By `?format=`, else by Accept; XML where both leave it open. Problem `unsupported`. */
export function answerFormOf(request: Request): ProblemFormat {
  const accepted = request.accepts(['application/xml', 'text/xml', 'application/json']);
  const form = readText(request.query, 'format') ?? (accepted === false ? '' : accepted.replace(/^.*\//, ''));
  if (form !== 'xml' && form !== 'json') throw new Problem('unsupported', 'the answer is xml or json');
  return form;
}

/** Tells problems at an address in the form that is asked for; all else goes on to the next router. */
export function eitherEncoder(
  isAddress: (method: string, path: string) => boolean,
  encode: Readonly<Record<ProblemFormat, ErrorRequestHandler>>,
): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (!isAddress(request.method, request.path)) return next(error);
    // The query may be what is wrong: then it can't be read.
    const isJson = /[?&]format=json(?:&|$)/.test(request.url) || request.accepts(['xml', 'json']) === 'json';
    return encode[isJson ? 'json' : 'xml'](error, request, response, next);
  };
}
