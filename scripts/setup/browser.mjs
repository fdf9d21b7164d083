// A Chromium for page tests and for driving VS Code: one that is there, else Debian's.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages } from './apt.mjs';

const places = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/microsoft-edge',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap(name => {
    const base = process.env[name];
    return base
      ? [
          join(base, 'Google/Chrome/Application/chrome.exe'),
          join(base, 'Microsoft/Edge/Application/msedge.exe'),
        ]
      : [];
  }),
};

/** The browser's program; `CHROMIUM` in the environment goes first. Undefined when there is none. */
export function findBrowser() {
  return [process.env.CHROMIUM ?? '', ...(places[process.platform] ?? [])].find(
    path => path !== '' && existsSync(path),
  );
}

/** True when something was missing and was installed. */
export async function setUpBrowser() {
  if (findBrowser()) return false;
  // Without a font a page in a bare container shows boxes.
  await installPackages(['chromium', 'fonts-dejavu-core'], {
    why: 'for the page and VS Code tests',
    seconds: 30,
  });
  return true;
}
