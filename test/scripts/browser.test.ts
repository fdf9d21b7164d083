import { afterEach, expect, test, vi } from 'vitest';
import { findBrowser } from '../../scripts/setup/browser.mjs';

afterEach(() => vi.unstubAllEnvs());

test('the browser that CHROMIUM names goes first, if it is there', () => {
  vi.stubEnv('CHROMIUM', '');
  const usual = findBrowser();
  vi.stubEnv('CHROMIUM', process.execPath);
  expect(findBrowser()).toBe(process.execPath);
  vi.stubEnv('CHROMIUM', '/nowhere/chromium');
  expect(findBrowser()).toBe(usual);
});
