// Checks that every text that users see can be said in every language of Hearth. `npm test` runs it too. With `--missing`, prints
// what the bundle of each language lacks, to be translated.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleFaults, manifestFaults } from './l10n/bundles.mjs';
import { notShown, sameIn } from './l10n/exceptions.mjs';
import { textsOf } from './l10n/sources.mjs';
import { unwrappedIn } from './l10n/unwrapped.mjs';
import { languages } from './package_contents.mjs';
import { root } from './setup/places.mjs';

const json = path => JSON.parse(readFileSync(join(root, path), 'utf8'));
const bundleOf = language => `extension/l10n/bundle.l10n.${language}.json`;

/** All faults, a line each. */
export function l10nFaults() {
  const sources = sourceTexts();
  const read = sources.map(textsOf);
  const texts = [...read.flatMap(({ texts }) => texts), ...catalogueTexts()];
  return [
    ...read.flatMap(({ faults }) => faults),
    ...languages.flatMap(language => {
      const same = sameIn[language];
      return [
        ...bundleFaults({ file: bundleOf(language), texts, bundle: json(bundleOf(language)), same }),
        ...manifestFaults({
          file: `package.nls.${language}.json`,
          english: json('package.nls.json'),
          translated: json(`package.nls.${language}.json`),
          same,
        }),
      ];
    }),
    ...wrappingFaults(sources.filter(({ path }) => !path.startsWith('engine/'))),
  ];
}

/** Texts that ask for no translation; exceptions that nothing needs any more. */
function wrappingFaults(sources) {
  const faults = [];
  const unused = new Set(notShown);
  for (const source of sources)
    for (const { text, place } of unwrappedIn(source)) {
      const exceptions = notShown.filter(
        one => source.path.startsWith(one.path) && text.startsWith(one.text ?? ''),
      );
      for (const one of exceptions) unused.delete(one);
      if (exceptions.length > 0) continue;
      faults.push(
        `${place}: "${text}" cannot be translated: call t(), or name it in scripts/l10n/exceptions.mjs`,
      );
    }
  return [
    ...faults,
    ...[...unused].map(
      ({ path, text }) => `scripts/l10n/exceptions.mjs: ${path} has no "${text ?? 'text'}" any more`,
    ),
  ];
}

/** The three programs; the command line of the engine speaks English. */
function sourceTexts() {
  return ['engine', 'extension', 'webview'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
      .map(entry => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
      .filter(path => !path.startsWith('engine/cli/'))
      .sort()
      .map(path => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  );
}

/** What the catalogue of models says of them. */
function catalogueTexts() {
  const place = 'media/catalogue.json';
  return json(place).models.flatMap(({ description, goodAt }) =>
    [description, ...goodAt].map(text => ({ text, place })),
  );
}

/** English texts that a bundle lacks, as the JSON that it needs. */
function missingIn(language) {
  const bundle = json(bundleOf(language));
  const texts = [...sourceTexts().flatMap(source => textsOf(source).texts), ...catalogueTexts()];
  return Object.fromEntries(
    [...new Set(texts.map(({ text }) => text))]
      .filter(text => !Object.hasOwn(bundle, text))
      .map(text => [text, '']),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv.includes('--missing'))
    for (const language of languages)
      console.log(`${bundleOf(language)} lacks\n${JSON.stringify(missingIn(language), null, 2)}`);
  else {
    const faults = l10nFaults();
    for (const fault of faults) console.error(fault);
    process.exitCode = faults.length > 0 ? 1 : 0;
  }
}
