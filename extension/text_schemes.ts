// Which texts that the editor shows are the user's: the others are output and the like, or stand there only to be compared. Pure.

/** Texts that stand beside others to be compared: a file before a review, and a branch of a conversation. */
export const beforeScheme = 'hearth-before';
export const branchScheme = 'hearth-branch';

/** Cells of notebooks. */
export const cellScheme = 'vscode-notebook-cell';

/** Beside no other text: what the model was given for a suggestion. */
export const promptScheme = 'hearth-prompt';

/** Nothing is asked about these. */
const shownOnly = new Set([
  'output',
  'comment',
  'vscode-scm',
  'chat-editing-text-model',
  beforeScheme,
  branchScheme,
  promptScheme,
]);
/** Code that nobody edits: a version that Git keeps, and what a debugger has loaded. */
const keptElsewhere = new Set(['git', 'debug']);

/** Whether the text can be asked about. */
export function isUsersText({ scheme }: { scheme: string }): boolean {
  return !shownOnly.has(scheme);
}

/** Whether it can be edited as well, as far as its kind says. */
export function isEditedText(uri: { scheme: string }): boolean {
  return isUsersText(uri) && !keptElsewhere.has(uri.scheme);
}

const written = new Set(['file', 'untitled', cellScheme, 'vscode-remote', 'vscode-vfs']);
/** The editor's own: input boxes (chat, search, commands), consoles, what is shown once. */
const ownOfTheEditor =
  /^(?:vscode|chat|repl|search|interactive|inmemory|private|walkthrough|webview|extension)/i;

/**
 * Whether people write in documents of a scheme, so that suggestions are made there: files, new ones, cells of notebooks, and those
 * of file systems that extensions bring, where these can be written to (`isWritable`, as the editor knows it; undefined: there is
 * no such file system). Input boxes are none of them.
 */
export function isWrittenText(
  { scheme }: { scheme: string },
  isWritable: (scheme: string) => boolean | undefined,
): boolean {
  if (written.has(scheme)) return true;
  return isEditedText({ scheme }) && !ownOfTheEditor.test(scheme) && isWritable(scheme) === true;
}
