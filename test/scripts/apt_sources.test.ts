import { expect, test } from 'vitest';
import { backportsSource } from '../../scripts/setup/apt_sources.mjs';

const deb822 = `# A comment
Types: deb
# another
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/archive.gpg
`;

test('the backports source has mirror and key of the distribution’s own source', () => {
  expect(backportsSource({ codename: 'bookworm', files: [{ name: 'debian.sources', text: deb822 }] })).toBe(
    [
      'Types: deb',
      'URIs: http://mirror.example/debian',
      'Suites: bookworm-backports',
      'Components: main',
      'Signed-By: /usr/share/keyrings/archive.gpg',
      '',
    ].join('\n'),
  );
});

test('a source with one line is understood with its options', () => {
  const text =
    '#deb http://old.example/ bookworm main\ndeb [arch=amd64,arm64 signed-by=/k.gpg] http://mirror.example/debian/ bookworm main non-free # own\n';
  expect(backportsSource({ codename: 'bookworm', files: [{ name: 'sources.list', text }] })).toBe(
    [
      'Types: deb',
      'URIs: http://mirror.example/debian/',
      'Suites: bookworm-backports',
      'Components: main',
      'Signed-By: /k.gpg',
      'Architectures: amd64 arm64',
      '',
    ].join('\n'),
  );
});

test('a source with one line and no options is enough', () => {
  const text = 'deb http://mirror.example/debian trixie main\n';
  expect(backportsSource({ codename: 'trixie', files: [{ name: 'sources.list', text }] })).toBe(
    'Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie-backports\nComponents: main\n',
  );
});

test('a key written into the source is kept with all its lines', () => {
  const text = `Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----
`;
  expect(backportsSource({ codename: 'bookworm', files: [{ name: 'a.sources', text }] })).toContain(
    'Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END PGP PUBLIC KEY BLOCK-----\n',
  );
});

test('nothing is added when the suite is there already', () => {
  const text = `${deb822}\nTypes: deb\nURIs: http://mirror.example/debian\nSuites: bookworm-backports\nComponents: main\n`;
  expect(backportsSource({ codename: 'bookworm', files: [{ name: 'debian.sources', text }] })).toBe('');
});

test('a source that is turned off, has no programs, or is another distribution’s does not count', () => {
  const off = 'Types: deb\nURIs: http://a.example/\nSuites: bookworm\nComponents: main\nEnabled: no\n';
  const sourceOnly = 'Types: deb-src\nURIs: http://a.example/\nSuites: bookworm\nComponents: main\n';
  const other = 'deb http://a.example/ nodistro main\n';
  const files = [
    { name: 'a.sources', text: off },
    { name: 'b.sources', text: sourceOnly },
    { name: 'c.list', text: other },
  ];
  expect(backportsSource({ codename: 'bookworm', files })).toBeUndefined();
});
