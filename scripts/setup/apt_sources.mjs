// Finds the backports suite of this Debian from the apt sources that the machine already has: same mirror, same key.
// Pure text work; setup/apt.mjs reads and writes the files.

/**
 * The stanza to add for `<codename>-backports`; '' when a source has it already; undefined when no source of the
 * distribution itself was found. `files`: name and text of every apt source file.
 */
export function backportsSource({ codename, files }) {
  const sources = files.flatMap(({ name, text }) =>
    name.endsWith('.sources') ? stanzas(text) : oneLiners(text),
  );
  const suite = `${codename}-backports`;
  if (sources.some(({ suites }) => suites.includes(suite))) return '';
  const base = sources.find(
    ({ suites, components }) => suites.includes(codename) && components.includes('main'),
  );
  if (!base) return undefined;
  return [
    'Types: deb',
    `URIs: ${base.uris.join(' ')}`,
    `Suites: ${suite}`,
    'Components: main',
    ...base.extra,
    '',
  ].join('\n');
}

/** The enabled binary sources of a deb822 file. */
function stanzas(text) {
  const bare = text.replace(/^#.*\n?/gm, '');
  return bare.split(/\n\s*\n/).flatMap(stanza => {
    const fields = new Map();
    let last = '';
    for (const line of stanza.split('\n')) {
      const field = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
      if (field) fields.set((last = field[1].toLowerCase()), field[2]);
      else if (/^\s+\S/.test(line) && last) fields.set(last, `${fields.get(last)}\n${line}`);
    }
    const words = name => (fields.get(name) ?? '').split(/\s+/).filter(Boolean);
    if (!words('types').includes('deb') || /^(no|false|0)$/i.test(fields.get('enabled') ?? '')) return [];
    const extra = [
      ['signed-by', 'Signed-By'],
      ['architectures', 'Architectures'],
      ['trusted', 'Trusted'],
    ].flatMap(([key, name]) =>
      fields.has(key) ? [`${name}: ${fields.get(key)}`.replace(/: \n/, ':\n')] : [],
    );
    return [{ uris: words('uris'), suites: words('suites'), components: words('components'), extra }];
  });
}

/** The binary sources of a file with one source a line. */
function oneLiners(text) {
  return text.split('\n').flatMap(line => {
    const parts = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (!parts) return [];
    const [, options = '', uri, suite, components] = parts;
    const option = name => new RegExp(`(?:^|\\s)${name}=(\\S+)`).exec(options)?.[1];
    const extra = [];
    if (option('signed-by')) extra.push(`Signed-By: ${option('signed-by')}`);
    if (option('arch')) extra.push(`Architectures: ${option('arch').replaceAll(',', ' ')}`);
    if (option('trusted')) extra.push(`Trusted: ${option('trusted')}`);
    return [{ uris: [uri], suites: [suite], components: components.trim().split(/\s+/), extra }];
  });
}
