// The rules of a project as one text for the model: AGENTS.md, .github/copilot-instructions.md and *.instructions.md. Pure.
import picomatch from 'picomatch';
import type { UsedRules } from './expanded.ts';
import { listField, readFrontMatter } from './front_matter.ts';

/** A file of rules that was found. Paths are those of the workspace, with forward slashes. */
export interface RuleFile {
  /** Those of a folder apply to all questions (the root) or to files below `folder`; those with patterns where they match. */
  kind: 'folder' | 'patterns';
  path: string;
  uri: string;
  /** The folder whose files it is about, '' for all; only of kind 'folder'. */
  folder?: string;
  /** What the paths of its open folder begin with, where several are open; patterns begin behind it. */
  prefix?: string;
  text: string;
}
export interface CollectedRules {
  /** Undefined when no rule applies. */
  text?: string;
  used: UsedRules[];
}

/** One file, and all of them: rules must leave room for code and answer in a context of some thousand tokens. */
export const ruleFileCharsMax = 12_000;
export const rulesCharsMax = 24_000;

/**
 * The rules that apply to a question about `paths`, those for everything first, so that a change of the file at hand leaves the
 * beginning as it is.
 */
export function collectRules(files: readonly RuleFile[], paths: readonly string[]): CollectedRules {
  const chosen = files
    .map(file => ({ file, ...scopeOf(file, paths) }))
    .filter(({ applies, body }) => applies && body !== '')
    .sort((one, other) => one.order - other.order);
  const sections: string[] = [];
  const used: UsedRules[] = [];
  let room = rulesCharsMax;
  for (const { file, body } of chosen) {
    const given = body.slice(0, Math.min(ruleFileCharsMax, room));
    if (given === '') {
      used.push({ path: file.path, uri: file.uri, cut: true });
      continue;
    }
    room -= given.length;
    const cut = given.length < body.length;
    used.push({ path: file.path, uri: file.uri, cut });
    sections.push(
      [
        `Rules from ${file.path}:`,
        given,
        ...(cut ? ['(The rest of these rules is left out: they are too long.)'] : []),
      ].join('\n\n'),
    );
  }
  if (sections.length === 0) return { used };
  return { text: ['Keep to the rules of this project.', ...sections].join('\n\n'), used };
}

/** Which of the collected rules do not end within so many characters of their text. */
export function rulesBeyond(collected: string, chars: number): string[] {
  const headings = [...collected.matchAll(/^Rules from (.+):$/gm)];
  return headings.flatMap(({ 1: path = '' }, index) => {
    const end = headings[index + 1]?.index ?? collected.length;
    return end > chars ? path : [];
  });
}

interface Scope {
  applies: boolean;
  body: string;
  /** What applies to everything comes first, then from the outermost folder to the innermost, then patterns. */
  order: number;
}

function scopeOf({ kind, folder = '', prefix = '', text }: RuleFile, paths: readonly string[]): Scope {
  const { header, body } = readFrontMatter(text);
  if (kind === 'folder') {
    const applies = folder === '' || paths.some(path => path.startsWith(`${folder}/`));
    return { applies, body: body.trim(), order: folder === '' ? 0 : folder.split('/').length };
  }
  const patterns = listField(header, 'applyTo');
  const always = patterns.some(pattern => /^(\*|\*\*|\*\*\/\*)$/.test(pattern));
  const inside = paths.filter(path => path.startsWith(prefix)).map(path => path.slice(prefix.length));
  const applies = always || patterns.some(pattern => matchesAny(pattern, inside));
  return { applies, body: body.trim(), order: always ? 0 : 1_000 };
}

/** A pattern that does not begin at the root may match at any depth. */
function matchesAny(pattern: string, paths: readonly string[]): boolean {
  const anywhere = pattern.startsWith('/') ? pattern.slice(1) : pattern.replace(/^(\.\/)?(?!\*\*\/)/, '**/');
  const matches = picomatch(anywhere, { nocase: true, dot: true });
  return paths.some(path => matches(path));
}
