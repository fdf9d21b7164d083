// A conversation as chat templates read it. Templates differ in what they take, and some drop or misread the rest without a word, so
// every conversation is brought into the one form that all of them take.
import { errors } from '../protocol/errors.ts';
import { parseJson } from './jinja/json.ts';
import { Dict, type Value } from './jinja/values.ts';

/** What the model asked a tool for. */
export interface ToolCall {
  id?: string;
  name: string;
  /** A JSON object, as the model wrote it. */
  arguments: string;
}

/** A message that a template may be given; a `tool` message holds what a call gave. */
export interface PromptMessage {
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  content: string | readonly { type: 'text'; text: string }[] | null;
  /** What the model thought before it answered `content`. */
  thinking?: string;
  toolCalls?: readonly ToolCall[];
  /** The call that a `tool` message answers. */
  toolCallId?: string;
}

/** Makes a text safe to be put into a prompt; in the model's own words, tokens that are not special may stay. */
export type Shield = (text: string, options: { keepVisible: boolean }) => string;

/**
 * Parts are one text, no content is an empty one, a thought stands apart from the answer, arguments are objects whose keys and numbers
 * are as they were written; all system and developer messages are one system message at the beginning. Throws badParams for
 * arguments that are no object.
 */
export function templateMessages(messages: readonly PromptMessage[], shield: Shield): Dict[] {
  const isSystem = ({ role }: PromptMessage) => role === 'system' || role === 'developer';
  const systems = messages.filter(isSystem);
  const rules = systems
    .map(({ content }) => textOf(content))
    .filter((text, _, all) => text !== '' || all.length === 1);
  const others = messages
    .filter(message => !isSystem(message))
    .map(message => templateMessage(message, shield));
  if (systems.length === 0) return others;
  const content = shield(rules.join('\n\n'), { keepVisible: false });
  return [dict({ role: 'system', content }), ...others];
}

/** Tools, each the JSON text of its description, as templates list them. Throws badParams for one that is no object. */
export function templateTools(tools: readonly string[], shield: Shield): Value[] {
  return tools.map((tool, i) =>
    shielded(objectOf(tool, `tools[${i}]`), text => shield(text, { keepVisible: false })),
  );
}

/** Characters of a conversation and its tools, which a rendering may copy. */
export function conversationChars(messages: readonly PromptMessage[], tools: readonly string[]): number {
  const lengths = messages.map(
    ({ content, thinking = '', toolCalls = [] }) =>
      textOf(content).length +
      thinking.length +
      toolCalls.reduce((sum, call) => sum + call.arguments.length, 0),
  );
  return [...lengths, ...tools.map(tool => tool.length)].reduce((sum, length) => sum + length, 0);
}

function templateMessage(message: PromptMessage, shield: Shield): Dict {
  const { role, content, thinking, toolCalls = [], toolCallId } = message;
  // The model's own <think> stays what it is: templates look for it to drop old thoughts.
  const safe = (text: string) => shield(text, { keepVisible: role === 'assistant' });
  return dict({
    role,
    content: safe(textOf(content)),
    ...(thinking !== undefined && { reasoning_content: safe(thinking) }),
    ...(toolCalls.length > 0 && { tool_calls: toolCalls.map(call => templateCall(call, safe)) }),
    ...(toolCallId !== undefined && { tool_call_id: safe(toolCallId) }),
  });
}

function templateCall({ id, name, arguments: text }: ToolCall, safe: (text: string) => string): Dict {
  const given = shielded(objectOf(text, `the arguments of "${name}"`), safe);
  return dict({
    ...(id !== undefined && { id: safe(id) }),
    type: 'function',
    function: dict({ name: safe(name), arguments: given }),
  });
}

const dict = (fields: Record<string, Value>) => new Dict(Object.entries(fields));

function textOf(content: PromptMessage['content']): string {
  if (content === null) return '';
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}

function objectOf(text: string, what: string): Dict {
  let value: Value;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw errors.badParams(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (value instanceof Dict) return value;
  throw errors.badParams(`${what}: it must be a JSON object`);
}

/** The same value, each text in it made safe. */
function shielded(value: Value, safe: (text: string) => string): Value {
  if (typeof value === 'string') return safe(value);
  if (Array.isArray(value)) return value.map((item: Value) => shielded(item, safe));
  if (!(value instanceof Dict)) return value;
  return new Dict(
    [...value.entries()].map(([key, item]) => [shielded(key, safe), shielded(item, safe)] as const),
  );
}
