// What the model gets of a question: its words, and below them what is attached, each with its name and in a fence of its own.
// Pure; knows no conversation.

interface QuestionPart {
  type: 'text' | 'attachment';
  text?: string;
  kind?: string;
  name?: string;
  languageId?: string;
}

/** The words and attachments of a question as one text. */
export function questionForModel(parts: readonly QuestionPart[]): string {
  const words = parts.map(part => (part.type === 'text' ? (part.text ?? '') : '')).join('');
  const attached = parts.flatMap(part => (part.type === 'attachment' ? attachmentText(part) : []));
  return [words, ...attached].filter(text => text !== '').join('\n\n');
}

/** What the model is told a thing is, where its kind is no good word for it. */
const kindNames: Record<string, string> = {
  folder: 'files of the folder',
  symbol: 'code of the symbol',
  terminal: 'output of the terminal',
  paste: 'text',
};

/** A name without a text stands for what was attached by an earlier version, which kept none. */
function attachmentText({ kind, name, languageId, text }: QuestionPart): string {
  const head = `Attached ${(kind && kindNames[kind]) ?? kind}: ${name}`;
  return text === undefined ? head : `${head}\n${fenced(text, languageId)}`;
}

/** A text in a fence of Markdown that is longer than any in it. */
export function fenced(text: string, languageId = ''): string {
  const longestRun = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longestRun + 1);
  return `${fence}${languageId}\n${text.replace(/\n$/, '')}\n${fence}`;
}
