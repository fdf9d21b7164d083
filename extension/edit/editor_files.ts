// What the search for the target of code asks of files, answered by the editor.
import { commands, Uri, workspace, type SymbolInformation } from 'vscode';
import { currentEditor, documentLines, openUris } from './documents.ts';
import type { Files, KnownFile } from './find_target.ts';

const foundMax = 50;
/** A longer file is not opened to look for code in it. */
const fileBytesMax = 2 * 1024 * 1024;

/** The files as they are now. */
export function editorFiles(): Files {
  return {
    open: openUris().map(known),
    hasActive: currentEditor() !== undefined,
    async withName(name) {
      const found = await workspace.findFiles(`**/${literal(name)}`, undefined, foundMax);
      return found.map(known);
    },
    async defining(symbol) {
      const found = await commands.executeCommand<SymbolInformation[] | undefined>(
        'vscode.executeWorkspaceSymbolProvider',
        symbol,
      );
      const files = (found ?? [])
        .filter(({ name }) => name.split('(')[0] === symbol)
        .map(({ location }) => location.uri)
        .filter(uri => workspace.getWorkspaceFolder(uri) !== undefined);
      return files
        .filter((uri, index) => files.findIndex(one => one.toString() === uri.toString()) === index)
        .map(known);
    },
    async lines(file) {
      const uri = Uri.parse(file.uri, true);
      const open = workspace.textDocuments.find(document => document.uri.toString() === file.uri);
      if (open) return documentLines(open);
      try {
        if ((await workspace.fs.stat(uri)).size > fileBytesMax) return undefined;
        return documentLines(await workspace.openTextDocument(uri));
      } catch {
        // Gone, or no text: no code belongs there.
        return undefined;
      }
    },
  };
}

function known(uri: Uri): KnownFile {
  const document = workspace.textDocuments.find(one => one.uri.toString() === uri.toString());
  return { uri: uri.toString(), path: workspace.asRelativePath(uri), language: document?.languageId ?? '' };
}

/** A name as a pattern that finds just this name. */
function literal(name: string): string {
  return name.replace(/[[{}*?]/g, '[$&]');
}
