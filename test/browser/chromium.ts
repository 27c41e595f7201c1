// The one browser of the browser tests: Debian's Chromium, without anything that calls home.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Throws with what to install when there is none. */
export const startChromium = (): Promise<Browser> => {
  const executablePath = places.find((place) => existsSync(place));
  if (executablePath === undefined) throw new Error('no Chromium found; on Debian: apt-get install chromium');
  return chromium.launch({ executablePath, args: flags });
};

export interface Look {
  readonly theme: 'light' | 'dark';
  readonly size: 'desktop' | 'phone';
}
export const contextOf = (browser: Browser, look: Look): Promise<BrowserContext> =>
  browser.newContext({
    colorScheme: look.theme,
    viewport: look.size === 'desktop' ? { width: 1440, height: 900 } : { width: 390, height: 844 },
    hasTouch: look.size === 'phone',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });

/** Faults that the page told its console, except a refused or cut network call, which tests cause on purpose. */
export const faultsOf = (page: Page): string[] => {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`${error.name}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource|WebSocket connection to|net::ERR_/.test(message.text()))
      faults.push(message.text());
  });
  return faults;
};
