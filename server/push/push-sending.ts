// A push as it is asked for becomes one that is sent: names become what events know, and a provider keeps to its own (G3, I2, O1).

import { Problem } from '../problem.ts';
import type { NamedAudience, PushRequest } from './push-body.ts';
import type { NewPush, Pushes, PushResult } from './pushes.ts';

/** Who pushes. */
interface Sender {
  /** The log-in name, or the tool, for the audit log. */
  by: string;
  viewer: number;
  /** Set for a provider: the services it may push to. */
  ownServices?: readonly string[];
}

export interface PushSending {
  /** Problem `not_found` for a user, service or programme that isn't there; `forbidden` for what is not the provider's; those of `Pushes`. */
  send(request: PushRequest, sender: Sender): Promise<PushResult & { id: string }>;
}

export function createPushSending(deps: {
  pushes: Pick<Pushes, 'send'>;
  viewerOf(user: string): Promise<number | undefined>;
  hasService(service: string): Promise<boolean>;
  /** Services on which a programme of this id is on now. */
  servicesOn(programme: string): Promise<string[]>;
  newId: () => string;
}): PushSending {
  const serviceOf = async (programme: string): Promise<string> => {
    const [service, ...others] = await deps.servicesOn(programme);
    if (service === undefined) throw new Problem('not_found', `no programme ${programme} is on now: name its service`);
    if (others.length > 0)
      throw new Problem('invalid', `programme ${programme} is on at several services: name one`, {
        faults: [{ element: 'audience.service', rule: 'needed' }],
      });
    return service;
  };

  const audienceOf = async (named: NamedAudience, own: readonly string[] | undefined): Promise<NewPush['audience']> => {
    if (own !== undefined && ('all' in named || 'user' in named))
      throw new Problem('forbidden', 'a provider pushes to the viewers of its own services');
    if ('all' in named) return named;
    if ('user' in named) {
      const viewer = await deps.viewerOf(named.user);
      if (viewer === undefined) throw new Problem('not_found', `there is no handset user ${named.user}`);
      return { viewer };
    }
    const { programme } = named;
    const service = named.service ?? (await serviceOf(programme ?? ''));
    if (own !== undefined && !own.includes(service))
      throw new Problem('forbidden', `service ${service} is not of this provider`);
    if (!(await deps.hasService(service))) throw new Problem('not_found', `there is no service ${service}`);
    return { service, ...(programme === undefined ? {} : { programme }) };
  };

  return {
    async send({ audience, content, validUntil, id = deps.newId() }, { by, viewer, ownServices }) {
      const result = await deps.pushes.send({
        audience: await audienceOf(audience, ownServices),
        content,
        id,
        sender: viewer,
        by,
        ...(validUntil === undefined ? {} : { validUntil }),
      });
      return { ...result, id };
    },
  };
}
