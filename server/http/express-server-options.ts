// Lets node:http make requests and answers with Express's prototypes at once (Express swaps them on every request).

import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';

/**
 * Options for `createServer`. Swapping the prototype of a live object takes the engine's slow path and leaves the object on it:
 * a fifth of what Express costs a small request (bench:ingest).
 */
export function expressServerOptions(app: Express) {
  return {
    IncomingMessage: withPrototype(IncomingMessage, app.request),
    ServerResponse: withPrototype(ServerResponse, app.response),
  };
}

function withPrototype<Parent extends typeof IncomingMessage | typeof ServerResponse>(
  parent: Parent,
  prototype: object,
): Parent {
  function Derived(...given: unknown[]): object {
    return Reflect.construct(parent, given, Derived);
  }
  Derived.prototype = prototype;
  return Object.setPrototypeOf(Derived, parent) as Parent;
}
