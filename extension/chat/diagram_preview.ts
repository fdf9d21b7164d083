// Shows a Mermaid diagram of an answer as a picture: as a document of its own, in the editor's Markdown preview.
import { commands, extensions, workspace } from 'vscode';
import type { Event } from 'vscode-jsonrpc/node';
import { canPreviewMermaid, mermaidDocument } from './mermaid_extensions.ts';

export interface DiagramPreviews {
  readonly canPreview: boolean;
  onDidChange: Event<void>;
}

/** Follows which extensions are installed. */
export const diagramPreviews: DiagramPreviews = {
  get canPreview() {
    return canPreviewMermaid(extensions.all);
  },
  onDidChange: extensions.onDidChange,
};

/** Opens the preview of a new document with the diagram, which is never saved by itself. */
export async function previewDiagram(code: string): Promise<void> {
  const document = await workspace.openTextDocument({ language: 'markdown', content: mermaidDocument(code) });
  await commands.executeCommand('markdown.showPreview', document.uri);
}
