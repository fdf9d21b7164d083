// What the set-up says to somebody who is not root, and when it wants a newer Mesa than the distribution's own.
import { expect, test } from 'vitest';
import { howToInstall } from '../../scripts/setup/apt.mjs';
import { isTooOld } from '../../scripts/setup/vulkan.mjs';

const names = ['mesa-vulkan-drivers', 'libvulkan1'];
const why = 'for a Vulkan device (Mesa 23 or newer)';

test('only a version that is known asks for a newer one: with empty lists the plain package may well do', () => {
  expect(['1:22.3.6-1+deb12u1', '22.3.6', '20.0'].map(isTooOld)).toEqual([true, true, true]);
  expect(['25.0.7-2', '1:23.0-1', '24.2.8-1~bpo12+1'].map(isTooOld)).toEqual([false, false, false]);
  expect(isTooOld('')).toBe(false);
});

test('who is not root is told exactly what to run', () => {
  expect(howToInstall(names, { why })).toBe(
    [
      'Needed for a Vulkan device (Mesa 23 or newer): mesa-vulkan-drivers, libvulkan1.',
      'Run this as root, then start again:',
      '  apt-get update && apt-get install --no-install-recommends mesa-vulkan-drivers libvulkan1',
    ].join('\n'),
  );
});

test('a newer suite comes with the source to write, which the shell writes as it stands', () => {
  const source = {
    path: '/etc/apt/sources.list.d/x.sources',
    text: 'Types: deb\nURIs: http://a.example/$b\n',
  };
  expect(howToInstall(names, { why, suite: 'bookworm-backports', source }).split('\n').slice(1)).toEqual([
    'Run this as root, then start again:',
    "  cat > /etc/apt/sources.list.d/x.sources <<'END'",
    'Types: deb',
    'URIs: http://a.example/$b',
    'END',
    '  apt-get update && apt-get install --no-install-recommends -t bookworm-backports mesa-vulkan-drivers libvulkan1',
  ]);
});

test('without apt the names must do', () => {
  expect(howToInstall(names, { why, apt: false })).toContain("your system's package manager");
});
