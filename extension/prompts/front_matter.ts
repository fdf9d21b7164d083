// The YAML header of a Markdown file, between two lines of dashes. Pure.
import { parse } from 'yaml';

export interface FrontMatter {
  header: Record<string, unknown>;
  body: string;
  /** Why the header is no YAML; what its lines say plainly is in `header` all the same. */
  fault?: string;
}

/** Splits a file into header and body; without a header all of it is body. */
export function readFrontMatter(file: string): FrontMatter {
  const text = file.replace(/^\uFEFF/, '');
  const match = /^---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)??---[ \t]*(?:\r?\n|$)/.exec(text);
  if (!match) return { header: {}, body: text };
  const source = match[1] ?? '';
  const body = text.slice(match[0].length);
  try {
    const header: unknown = parse(source, { logLevel: 'silent' });
    return { header: isRecord(header) ? header : {}, body };
  } catch (error) {
    return { header: plainLines(source), body, fault: String(error) };
  }
}

/** The text of a field; undefined when it is absent or empty. */
export function textField(header: Record<string, unknown>, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = header[name];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  }
  return undefined;
}

/** The texts of a field that holds a list, or one text with commas outside of braces between the entries. */
export function listField(header: Record<string, unknown>, name: string): string[] {
  const value = header[name];
  const entries = Array.isArray(value) ? value : [value];
  return entries
    .flatMap(entry => (typeof entry === 'string' ? entry.split(/,(?![^{]*\})/) : []))
    .map(entry => entry.trim())
    .filter(entry => entry !== '');
}

/** Fields of one line each. People write values that YAML takes for something else: `applyTo: **` or `a: b: c`. */
function plainLines(source: string): Record<string, unknown> {
  const fields = [...source.matchAll(/^([\w-]+):[ \t]*(.*?)[ \t]*$/gm)];
  return Object.fromEntries(fields.map(([, name, value = '']) => [name, unquote(value)]));
}

function unquote(value: string): string {
  return /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
