// The guide as the figures need it: services, programmes and what is measured (R3, R4).

import type { GuidePort } from '../reports/ratings/measurement.ts';
import type { Guide, Service } from '../sg/guide.ts';
import { type MeasurePolicy, measuredWithin } from '../sg/measured-windows.ts';
import { anyTextOf } from '../sg/text-language.ts';

export function guideForReports(guide: Guide, policy: MeasurePolicy): GuidePort {
  let services = new Map<string, Service>();
  return {
    async listServices() {
      const list = await guide.listServices();
      services = new Map(list.map((service) => [service.id, service]));
      return list.map(({ id, names, provider, genre, dwellMs }) => ({
        id,
        name: anyTextOf(names),
        provider,
        ...(genre === undefined ? {} : { genre }),
        ...(dwellMs === undefined ? {} : { dwellMs }),
      }));
    },
    async listProgrammes(window) {
      const programmes = await guide.listProgrammes(window);
      return programmes.map((programme) => ({ ...programme, title: anyTextOf(programme.titles) }));
    },
    measuredWithin: (id, from, to) => measuredWithin(services.get(id) ?? { measured: [] }, from, to, policy),
    revision: async () => String(await guide.revision()),
  };
}
