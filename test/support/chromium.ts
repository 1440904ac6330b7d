// A real browser for tests, Debian's Chromium, where one is installed; it keeps nothing and calls nobody.

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where it is: CHROMIUM, else the usual places; undefined if there is none. */
export const chromiumPath = (): string | undefined =>
  [process.env.CHROMIUM, ...PLACES].find((path) => path !== undefined && path !== '' && existsSync(path));

/** A browser with a profile of its own, removed when it is closed. */
export const startChromium = async (executablePath: string): Promise<Browser> =>
  await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
