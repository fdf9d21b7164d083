// Compares the texts of the source with their translations, and the manifest's with theirs. Pure.
import { placeholdersOf } from './sources.mjs';

/**
 * What is wrong with one language. `texts`: what the source asks for. `bundle`: translations by English texts. `same`: texts that
 * are the same in this language.
 * @param {{ file: string, texts: { text: string, place: string }[], bundle: Record<string, string>, same?: string[] }} one
 */
export function bundleFaults({ file, texts, bundle, same = [] }) {
  const asked = new Map(texts.map(({ text, place }) => [text, place]));
  const faults = [];
  for (const [text, place] of asked)
    if (!Object.hasOwn(bundle, text)) faults.push(`${file}: "${text}" is missing (${place})`);
  for (const [text, translation] of Object.entries(bundle)) {
    if (!asked.has(text)) faults.push(`${file}: "${text}" is used nowhere`);
    faults.push(...translationFaults({ file, text, translation, same }).map(fault => `${file}: ${fault}`));
  }
  return faults;
}

/**
 * What is wrong with the texts of the manifest in one language, which are known by names.
 * @param {{ file: string, english: Record<string, string>, translated: Record<string, string>, same?: string[] }} one
 */
export function manifestFaults({ file, english, translated, same = [] }) {
  return [
    ...Object.keys(english).flatMap(name =>
      Object.hasOwn(translated, name) ? [] : [`${file}: "${name}" is missing`],
    ),
    ...Object.entries(translated).flatMap(([name, translation]) => {
      const text = english[name];
      if (text === undefined) return [`${file}: "${name}" is used nowhere`];
      return translationFaults({ text, translation, same }).map(fault => `${file}: ${name}: ${fault}`);
    }),
  ];
}

function translationFaults({ text, translation, same }) {
  const faults = [];
  const [want, have] = [placeholdersOf(text), placeholdersOf(translation)];
  if (want.join() !== have.join())
    faults.push(
      `"${translation}" has the places ${have.join(' ') || 'none'}, not ${want.join(' ') || 'none'}`,
    );
  const marks = keptMarks(text).filter(mark => !translation.includes(mark));
  if (marks.length > 0) faults.push(`"${translation}" lacks ${marks.join(', ')}`);
  if (text === translation && /\p{L}{3}/u.test(withoutMarks(text)) && !same.includes(text))
    faults.push(`"${text}" is not translated`);
  return faults;
}

/** Names of settings and commands, links, code and icons, which no translation changes. */
function keptMarks(text) {
  return text.match(/`[^`]+`|"hearth\.[\w.]+"|\(command:[\w.?%-]+\)|\$\([\w~-]+\)/g) ?? [];
}

function withoutMarks(text) {
  return keptMarks(text).reduce(
    (rest, mark) => rest.replace(mark, ''),
    text.replace(/\{\d+\}|\bHearth\b/g, ''),
  );
}
