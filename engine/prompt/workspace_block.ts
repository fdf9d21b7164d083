// The workspace block and the system message around it (docs/MODEL.md 11.5). Byte-stable: same sections, same text.

/** A file as it stands in the block, what became of one that stands further up, or lines about files that have no room (the map). */
export type BlockSection =
  | { kind: 'file' | 'edited'; path: string; text: string }
  | { kind: 'deleted'; path: string }
  | { kind: 'renamed'; path: string; to: string }
  | { kind: 'map'; text: string };

const plainInstructions = 'You are a coding assistant.';
const workspaceInstructions = 'You are a coding assistant that answers from the workspace.';
const mapHeading =
  '## Other files\nThese files of the workspace are not shown here, only their paths and what they export:';

/**
 * The system message of a conversation, with the workspace block when there is one. The user's own instructions come last, so that
 * others leave the state of the block as it is.
 */
export function systemMessage(block?: string, instructions?: string): string {
  const message = block === undefined ? plainInstructions : `${workspaceInstructions}\n\n${block}`;
  const rules = instructions?.trim();
  return rules ? `${message}\n\n${rules}` : message;
}

/** "# Workspace: NAME", then a section per file in the given order. */
export function workspaceBlock(name: string, sections: readonly BlockSection[]): string {
  return [`# Workspace: ${name}`, ...sections.map(sectionText)].join('\n\n');
}

/**
 * Heading and fenced content of a file; the fence is longer than any in the content. A newer version of a file that stands further up
 * says so in its heading; one that is gone has only a heading. The map has a heading of its own.
 */
export function sectionText(section: BlockSection): string {
  if (section.kind === 'map') {
    const fence = fenceFor(section.text);
    return `${mapHeading}\n${fence}\n${section.text}${fence}`;
  }
  if (section.kind === 'deleted') return `## ${section.path} (deleted)`;
  if (section.kind === 'renamed') return `## ${section.path} (renamed to ${section.to})`;
  const { kind, path, text } = section;
  const fence = fenceFor(text);
  const body = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  const heading = kind === 'edited' ? `${path} (edited)` : path;
  return `## ${heading}\n${fence}${languageTag(path)}\n${body}${fence}`;
}

export interface Passage {
  path: string;
  startLine: number;
  endLine: number;
  text: string;
}

/** What excerpts of a question may take. */
export interface ExcerptBudget {
  sizeMax: number;
  /** Size of a text, in the unit of `sizeMax`. */
  sizeOf: (text: string) => number;
  countMax: number;
}

/**
 * Passages of files that have no room in the block, to stand after a question: best first, those that there is room for, and which they
 * are. The best one is cut at a line's end where it is too long by itself.
 */
export function excerpts<Place extends Passage>(
  places: readonly Place[],
  { sizeMax, sizeOf, countMax }: ExcerptBudget,
): { text: string; shown: Place[] } {
  let text = '';
  let left = sizeMax;
  const shown: Place[] = [];
  const take = (place: Place): boolean => {
    const piece = excerptText(place);
    const size = sizeOf(piece);
    if (size > left) return false;
    left -= size;
    text += piece;
    shown.push(place);
    return true;
  };
  for (const place of places) {
    if (shown.length >= countMax) break;
    if (take(place) || shown.length > 0) continue;
    for (let lines = place.text.split('\n'); lines.length > 1;) {
      lines = lines.slice(0, lines.length >> 1);
      const endLine = place.startLine + lines.length - 1;
      if (take({ ...place, endLine, text: lines.join('\n') })) break;
    }
  }
  return { text, shown };
}

function excerptText({ path, startLine, endLine, text }: Passage): string {
  const fence = fenceFor(text);
  return `\n\nFrom ${path}:${startLine}-${endLine}\n${fence}${languageTag(path)}\n${text}\n${fence}`;
}

/** Three backticks, or one more than the longest run that starts a line of the text. */
export function fenceFor(text: string): string {
  const longest = [...text.matchAll(/^[ \t]*(`{3,})/gm)].reduce(
    (max, match) => Math.max(max, (match[1] as string).length),
    2,
  );
  return '`'.repeat(longest + 1);
}

/** The file's extension, as the fence's language. */
export function languageTag(path: string): string {
  return /\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
}
