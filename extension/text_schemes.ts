// Which texts that the editor shows are the user's: the others are output and the like, or stand there only to be compared. Pure.

/** Texts that stand beside others to be compared: a file before a review, and a branch of a conversation. */
export const beforeScheme = 'hearth-before';
export const branchScheme = 'hearth-branch';

/** Nothing is asked about these. */
const shownOnly = new Set([
  'output',
  'comment',
  'vscode-scm',
  'chat-editing-text-model',
  beforeScheme,
  branchScheme,
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
