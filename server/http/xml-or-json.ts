// Addresses that take a document in XML or JSON: which of both a request sends, and faults told in its form (O11).

import type { IncomingMessage } from 'node:http';
import type { ErrorRequestHandler } from 'express';

const XML_TYPE = /^(?:text|application)\/(?:[\w.-]+\+)?xml\s*(?:;|$)/i;

export const sendsXml = ({ headers }: IncomingMessage): boolean => XML_TYPE.test(headers['content-type'] ?? '');

/** Error middleware for the routers of such addresses: who sends XML is told faults in XML by `encode`; all else goes on. */
export const xmlProblems =
  (encode: ErrorRequestHandler, paths: RegExp): ErrorRequestHandler =>
  (error, request, response, next) =>
    request.method === 'PUT' && paths.test(request.path) && sendsXml(request)
      ? encode(error, request, response, next)
      : next(error);
