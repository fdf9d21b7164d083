// A prompt of the user's own: a file `NAME.prompt.md` in the form that the editor's own chat reads. Pure.
import MarkdownIt from 'markdown-it';
import { commandName } from './command_line.ts';
import { listField, readFrontMatter, textField } from './front_matter.ts';

export interface PromptFile {
  /** What is typed after the slash. */
  name: string;
  description?: string;
  argumentHint?: string;
  /** Who is to answer, with which model and tools. Hearth has one model and no tools: whoever wrote this is told so. */
  agent?: string;
  model?: string;
  tools: string[];
  body: string;
  /** Why the header is no YAML, if it is none. */
  headerFault?: string;
}

export const promptFileEnding = '.prompt.md';

/** Reads the text of a prompt file; `fileName` gives the name where the header has none. */
export function readPromptFile(text: string, fileName: string): PromptFile {
  const { header, body, fault } = readFrontMatter(text);
  return {
    name: commandName(textField(header, 'name') ?? fileName.replace(/\.prompt\.md$/i, '')),
    description: textField(header, 'description'),
    argumentHint: textField(header, 'argument-hint'),
    agent: textField(header, 'agent', 'mode'),
    model: textField(header, 'model'),
    tools: listField(header, 'tools'),
    body: body.trim(),
    headerFault: fault,
  };
}

const markdown = new MarkdownIt();

/** The files that a text links to, as they are written: links of Markdown without a scheme, and `#file:path`. Each once. */
export function linkedFiles(text: string): string[] {
  const inline = markdown.parse(text, {}).flatMap(({ children }) => children ?? []);
  const links = inline.flatMap(token =>
    token.type === 'link_open' ? String(token.attrGet('href') ?? '') : [],
  );
  const marked = inline.flatMap(token =>
    token.type === 'text'
      ? [...token.content.matchAll(/(?<!\S)#file:(\S+)/g)].map(([, path]) => path ?? '')
      : [],
  );
  const paths = [...links.map(decoded), ...marked]
    .filter(path => !/^([a-z][\w+.-]*:|\/\/|#|\?)/i.test(path))
    .map(path => path.replace(/[#?].*$/, ''));
  return [...new Set(paths)].filter(path => path !== '');
}

function decoded(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch {
    // A percent sign that stands for itself.
    return href;
  }
}
