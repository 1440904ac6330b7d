// A watched folder: XMLTV files that are put there are loaded, and answered with a result file beside them (G2).

import { createReadStream } from 'node:fs';
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../server/problem.ts';
import type { Guide } from './guide.ts';

const SCAN_EVERY_MS = 5_000;

export interface GuideFolderDeps {
  folder: string;
  /** Whose services the files hold. */
  provider: string;
  guide: Pick<Guide, 'load'>;
  log: { info(fields: object, message: string): void; error(fields: object, message: string): void };
}

export interface GuideFolder {
  /** Looks once: loads what is new or changed, and has not changed since the look before. */
  scan(): Promise<void>;
  start(): void;
  /** Stops looking; resolves when a load that is running is done. */
  stop(): Promise<void>;
}

/**
 * NAME.xml is loaded once for each name, size and time of change, and answered by NAME.result.json: the file's size and time, and
 * the LoadResult or the `problem`. The result also tells after a restart what was loaded.
 */
export function createGuideFolder({ folder, provider, guide, log }: GuideFolderDeps): GuideFolder {
  const seen = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  const loadFile = async (name: string, size: number, mtimeMs: number): Promise<void> => {
    const path = join(folder, name);
    let outcome: object;
    try {
      outcome = { result: await guide.load(createReadStream(path), { provider, source: name }) };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === 'conflict' || error.code === 'unavailable') return; // the next look tries again
      outcome = { problem: { code: error.code, detail: error.detail, faults: error.faults } };
    }
    const resultPath = resultPathOf(path);
    await writeFile(
      `${resultPath}.part`,
      `${JSON.stringify({ file: { name, size, mtimeMs }, ...outcome }, null, 2)}\n`,
    );
    await rename(`${resultPath}.part`, resultPath); // whoever reads it never sees half
    log.info({ file: name, ...outcome }, 'guide file read');
  };

  const scanOnce = async (): Promise<void> => {
    for (const name of (await readdir(folder)).filter((one) => one.endsWith('.xml')).sort()) {
      try {
        const { size, mtimeMs } = await stat(join(folder, name));
        const state = `${size} ${mtimeMs}`;
        const settled = seen.get(name) === state;
        seen.set(name, state);
        if (settled && state !== (await loadedState(join(folder, name)))) await loadFile(name, size, mtimeMs);
      } catch (error) {
        log.error({ file: name, err: error }, 'guide file not read');
      }
    }
  };

  const scan = (): Promise<void> => {
    running ??= scanOnce().finally(() => {
      running = undefined;
    });
    return running;
  };

  return {
    scan,
    start() {
      const look = (): void => {
        scan().catch((error: unknown) => log.error({ folder, err: error }, 'guide folder not read'));
      };
      timer ??= setInterval(look, SCAN_EVERY_MS).unref();
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await running;
    },
  };
}

const resultPathOf = (path: string): string => path.replace(/\.xml$/, '.result.json');

async function loadedState(path: string): Promise<string | undefined> {
  try {
    const { file } = JSON.parse(await readFile(resultPathOf(path), 'utf8')) as {
      file: { size: number; mtimeMs: number };
    };
    return `${file.size} ${file.mtimeMs}`;
  } catch {
    return undefined; // no result yet, or one that somebody broke: the file is loaded
  }
}
