// From what the user typed to what the model gets: commands with their code, prompt files with their variables, the project's rules.
import { phrase } from '../../engine/protocol/phrase.ts';
import { say, t } from '../l10n.ts';
import { readCommandLine } from './command_line.ts';
import { promptErrors } from './errors.ts';
import { excerptAround } from './excerpt.ts';
import type { Attachment, Expanded, ExpandedPart, LineRange } from './expanded.ts';
import type { EditorFile, Problem } from './facts.ts';
import { linkedFiles } from './prompt_file.ts';
import type { FoundPrompt, OpenFolder, PromptSources } from './prompt_sources.ts';
import { fillVariables, inputFields, readInputs } from './prompt_variables.ts';
import { collectRules } from './rules.ts';
import { slashCommands, type SlashCommand } from './slash_commands.ts';

/** A whole file that is attached because nothing is selected in it. */
export const fileCharsMax = 24_000;

interface Asked {
  parts: ExpandedPart[];
  notes: string[];
  /** Files that the question is about, beside the one in the editor. */
  paths: string[];
}

/**
 * Expands a message. `about` stands for the file in the editor, where a command was called on another one. Undefined when the user
 * was asked for a value and did not go on.
 */
export async function expandMessage(
  typed: string,
  sources: PromptSources,
  about: EditorFile | undefined = sources.activeFile(),
): Promise<Expanded | undefined> {
  const asked = await ask(typed, sources, about);
  if (!asked) return undefined;
  const paths = [...new Set([...(about ? [about.path] : []), ...asked.paths])];
  const rules = collectRules(await sources.rules(paths), paths);
  return {
    shown: typed,
    parts: asked.parts,
    instructions: rules.text,
    rules: rules.used,
    notes: asked.notes,
  };
}

async function ask(
  typed: string,
  sources: PromptSources,
  about: EditorFile | undefined,
): Promise<Asked | undefined> {
  const line = readCommandLine(typed);
  if (!line) return { parts: [{ type: 'text', text: typed }], notes: [], paths: [] };
  const wanted = line.name.toLowerCase();
  const prompts = await sources.prompts();
  const prompt = prompts.find(({ name }) => name.toLowerCase() === wanted);
  if (prompt) return askPrompt(prompt, line.rest, sources, about);
  const command = slashCommands.find(({ name }) => name === wanted);
  if (command)
    return command.about === 'code'
      ? askCode(command, line.rest, about)
      : askChanges(command, line.rest, sources);
  const known = [...slashCommands, ...prompts].map(({ name }) => name);
  throw promptErrors.unknownCommand(line.name, [...new Set(known)]);
}

function askCode(command: SlashCommand, rest: string, file: EditorFile | undefined): Asked {
  if (!file) throw promptErrors.noFile(command.name);
  const { attachment, cut } = codeOf(file);
  const { startLine, endLine } = attachment.range;
  const problems = file.problems.filter(
    problem => problem.startLine <= endLine && problem.endLine >= startLine,
  );
  const text = command.question({
    rest,
    path: file.path,
    languageId: file.languageId,
    problems: sorted(problems),
  });
  const notes = cut
    ? [t('{0} is long: the model gets lines {1} to {2}.', file.path, startLine, endLine)]
    : [];
  return { parts: [{ type: 'text', text }, attachment], notes, paths: [file.path] };
}

/** The selection, else the file, or of a long file what lies around the cursor. */
function codeOf(file: EditorFile): { attachment: Attachment & { range: LineRange }; cut: boolean } {
  const { uri, path, languageId, selection } = file;
  const excerpt = excerptAround(file.text, file.cursorLine, fileCharsMax);
  const cut = !selection && excerpt.cut;
  const { startLine, endLine, text } = selection ?? excerpt;
  const whole = !selection && !cut;
  const lines = startLine === endLine ? `${startLine}` : `${startLine}-${endLine}`;
  const name = whole ? path : `${path}:${lines}`;
  const range = { startLine, endLine };
  const kind = whole ? 'file' : 'selection';
  return { attachment: { type: 'attachment', kind, name, uri, range, languageId, text }, cut };
}

const severities: readonly Problem['severity'][] = ['error', 'warning', 'information', 'hint'];

function sorted(problems: readonly Problem[]): Problem[] {
  const rank = ({ severity }: Problem): number => severities.indexOf(severity);
  return problems.toSorted((one, other) => rank(one) - rank(other) || one.startLine - other.startLine);
}

async function askChanges(command: SlashCommand, rest: string, sources: PromptSources): Promise<Asked> {
  const { uri, staged, text, notes } = await sources.changes();
  const name = staged ? t('staged changes') : t('all changes');
  const attachment: Attachment = { type: 'attachment', kind: 'changes', name, uri, languageId: 'diff', text };
  const question = command.question({ rest, path: '', languageId: 'diff', problems: [] });
  return { parts: [{ type: 'text', text: question }, attachment], notes: [...notes], paths: [] };
}

async function askPrompt(
  prompt: FoundPrompt,
  typed: string,
  sources: PromptSources,
  about: EditorFile | undefined,
): Promise<Asked | undefined> {
  if (prompt.body === '') throw promptErrors.emptyPrompt(prompt.name);
  const fields = inputFields(prompt.body);
  const { values, rest } = readInputs(typed, fields);
  for (const field of fields) {
    if (values.has(field.name)) continue;
    const value = await sources.askInput(field, prompt.name);
    if (value === undefined) return undefined;
    values.set(field.name, value);
  }
  const folder = sources.folder();
  const valueOf = (name: string): string | undefined => variable(name, prompt.name, about, folder);
  const body = fillVariables(prompt.body, valueOf, values);
  const notes = ignoredFields(prompt);
  const attachments: Attachment[] = [];
  // Links of the file itself, not those in a selection or a value that it was filled with.
  for (const link of linkedFiles(prompt.body)) {
    const found = await sources.linked(prompt, link);
    if ('missing' in found)
      notes.push(
        say(phrase`${prompt.path} links to ${found.missing}. The model does not get it: ${found.why}.`),
      );
    else attachments.push({ type: 'attachment', kind: 'file', ...found });
  }
  const text = rest === '' ? body : `${body}\n\n${rest}`;
  return {
    parts: [{ type: 'text', text }, ...attachments],
    notes,
    paths: attachments.map(({ name }) => name),
  };
}

/** The value of a variable; undefined for a name that is none. */
function variable(
  name: string,
  command: string,
  file: EditorFile | undefined,
  folder: OpenFolder | undefined,
): string | undefined {
  const ofFile = (value: (file: EditorFile) => string): string => {
    if (!file) throw promptErrors.noFile(command);
    return value(file);
  };
  const ofFolder = (value: (folder: OpenFolder) => string): string => {
    if (!folder) throw promptErrors.noFolder(command);
    return value(folder);
  };
  switch (name) {
    case 'selection':
    case 'selectedText':
      if (!file?.selection) throw promptErrors.noSelection(command);
      return file.selection.text;
    case 'file':
      return ofFile(({ fsPath }) => fsPath);
    case 'fileBasename':
      return ofFile(baseName);
    case 'fileBasenameNoExtension':
      return ofFile(at => baseName(at).replace(/(?<=.)\.[^.]*$/, ''));
    case 'fileDirname':
      return ofFile(({ fsPath }) => fsPath.replace(/[\\/][^\\/]*$/, '') || '/');
    case 'workspaceFolder':
      return ofFolder(({ fsPath }) => fsPath);
    case 'workspaceFolderBasename':
      return ofFolder(({ name: folderName }) => folderName);
    default:
      return undefined;
  }
}

function baseName({ fsPath }: EditorFile): string {
  return fsPath.split(/[\\/]/).at(-1) ?? fsPath;
}

/** Hearth answers with the model that is chosen, and has no tools: a prompt that counts on others may not do what it says. */
function ignoredFields({ path, agent, model, tools }: FoundPrompt): string[] {
  return [
    ...(tools.length > 0
      ? [t('{0} asks for the tools {1}. Hearth answers without them.', path, tools.join(', '))]
      : []),
    ...(model === undefined
      ? []
      : [t('{0} asks for the model {1}. Hearth answers with the one that you chose.', path, model)]),
    ...(agent === undefined || agent === 'ask'
      ? []
      : [t('{0} asks for the agent {1}. Hearth answers without it.', path, agent)]),
  ];
}
