// In which documents people write, by the schemes of their addresses. No vscode.

const written = new Set(['file', 'untitled', 'vscode-notebook-cell', 'vscode-remote', 'vscode-vfs']);
/** Of the editor's own: input boxes (chat, search, commit message, comments), output, consoles, what is compared. */
const ownOfTheEditor =
  /^(?:vscode|chat|comment|output|debug|repl|search|interactive|inmemory|private|walkthrough|webview|git|review|extension)/i;

/**
 * Whether documents of a scheme are written: files, new ones, cells of notebooks, and those of file systems that extensions
 * bring, where these can be written to (`isWritable`, as the editor knows it; undefined: there is no such file system).
 */
export function isWrittenScheme(
  scheme: string,
  isWritable: (scheme: string) => boolean | undefined,
): boolean {
  return written.has(scheme) || (!ownOfTheEditor.test(scheme) && isWritable(scheme) === true);
}
