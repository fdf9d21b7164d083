// Code of an answer brought into the file it is for: finds the file and the place in it, asks where either is not clear, and has the
// changes reviewed in the editor.
import { isBlank } from '../../engine/shared/outline/indent.ts';
import { Uri, window, type QuickPickItem, type TextEditor } from 'vscode';
import { formatNumber, t } from '../l10n.ts';
import { documentLines, openToEdit, styleOfEditor, symbolsOf } from './documents.ts';
import { editorFiles } from './editor_files.ts';
import { findTarget, type KnownFile, type Target } from './find_target.ts';
import { insertAtCursor } from './insert.ts';
import { isOfLanguage } from './languages.ts';
import { editLines, linesOf, withoutBlankEnds } from './lines.ts';
import { placeCode, type Placement } from './place.ts';
import { type Suggestion, withoutPathComment } from './suggestion.ts';

/** A choice of the user among several. */
export interface Choice<Value> extends QuickPickItem {
  value: Value;
}

export interface ApplyHost {
  /** Undefined when the user gives up. */
  choose<Value>(title: string, choices: readonly Choice<Value>[]): Promise<Value | undefined>;
  review(editor: TextEditor, lines: readonly string[]): Promise<void>;
  /** False when the user gives up. */
  newFile(suggestion: Suggestion): Promise<boolean>;
}

/** Brings the code into its file; false when the user gives up. */
export async function applyCode(suggestion: Suggestion, host: ApplyHost): Promise<boolean> {
  const target = await findTarget(suggestion, editorFiles());
  const file = target.kind === 'file' ? target.file : await chooseFile(target, suggestion, host);
  if (file === 'new') return host.newFile(suggestion);
  if (!file) return false;
  const editor = await openToEdit(Uri.parse(file.uri, true));
  const original = documentLines(editor.document);
  const placements = placeCode({
    suggestion,
    original,
    style: styleOfEditor(editor),
    symbols: await symbolsOf(editor.document),
  });
  const [only] = placements;
  if (!only) return applyAnyway(editor, suggestion, host);
  const chosen = placements.length > 1 ? await choosePlace(placements, original, host) : only;
  if (!chosen) return false;
  await host.review(editor, editLines(original, chosen));
  return true;
}

/** The editor's own list. */
export async function chooseInList<Value>(
  title: string,
  choices: readonly Choice<Value>[],
): Promise<Value | undefined> {
  return (await window.showQuickPick(choices, { title, matchOnDescription: true }))?.value;
}

async function chooseFile(
  target: Exclude<Target, { kind: 'file' }>,
  suggestion: Suggestion,
  host: ApplyHost,
): Promise<KnownFile | 'new' | undefined> {
  const open = editorFiles().open.filter(file => isOfLanguage(suggestion.language, file));
  const files = target.kind === 'choose' ? target.files : open;
  const path = target.kind === 'new' ? target.path : undefined;
  const creation: Choice<'new'> = {
    label: `$(new-file) ${t('New File…')}`,
    ...(path !== undefined && { description: path }),
    value: 'new',
  };
  const choices: Choice<KnownFile | 'new'>[] = files.map(file => ({
    label: `$(file) ${file.path}`,
    value: file,
  }));
  if (choices.length === 0) return 'new';
  const all = path === undefined ? [...choices, creation] : [creation, ...choices];
  return host.choose(t('Hearth: Which file is the code for?'), all);
}

async function choosePlace(
  placements: readonly Placement[],
  original: readonly string[],
  host: ApplyHost,
): Promise<Placement | undefined> {
  const choices = placements.map(placement => {
    const start = placement.at(-1)?.start ?? 0;
    const above = original.slice(0, start + 1).findLast(line => /^\S/.test(line) && !isBlank(line)) ?? '';
    return {
      label: t('Line {0}', formatNumber(start + 1)),
      description: (original[start] ?? '').trim(),
      detail: above.trim(),
      value: placement,
    };
  });
  return host.choose(t('Hearth: The code fits in several places. Which one is meant?'), choices);
}

/** The code is like nothing in the file: the user says what it is to be there. */
async function applyAnyway(editor: TextEditor, suggestion: Suggestion, host: ApplyHost): Promise<boolean> {
  const choices: Choice<'cursor' | 'end' | 'whole'>[] = [
    { label: `$(insert) ${t('Insert at Cursor')}`, value: 'cursor' },
    { label: `$(arrow-down) ${t('Add at the End of the File')}`, value: 'end' },
    { label: `$(replace-all) ${t('Replace the Whole File')}`, value: 'whole' },
  ];
  const how = await host.choose(
    t('Hearth: No place in this file is like the code. Where is it to go?'),
    choices,
  );
  if (how === undefined) return false;
  if (how === 'cursor') {
    await insertAtCursor(editor, suggestion.code);
    return true;
  }
  const original = documentLines(editor.document);
  const code = withoutBlankEnds(linesOf(withoutPathComment(suggestion.code, original)));
  const kept = how === 'end' ? [...withoutBlankEnds(original), ''] : [];
  await host.review(editor, [...kept, ...code, '']);
  return true;
}
