// The stored results of Python's Jinja, unpacked; test/golden/chat_templates/README.md says where they come from.
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

/** A text, or the exception that Python ends with. */
export interface Outcome {
  text?: string;
  error?: string;
}

const folder = new URL('../../../golden/chat_templates/', import.meta.url);
const unpacked = (name: string): unknown =>
  JSON.parse(brotliDecompressSync(readFileSync(new URL(name, folder))).toString());

/** Released templates, conversations as the JSON of what a template is given, and outcomes by template and conversation. */
export const readReal = () =>
  unpacked('real.json.br') as {
    templates: Record<string, string>;
    conversations: Record<string, string>;
    golden: Record<string, Record<string, Outcome>>;
  };

/** Small templates that try what the language has; all are given the same variables. */
export const readSmall = () =>
  unpacked('jinja.json.br') as { variables: string; cases: (Outcome & { template: string })[] };
