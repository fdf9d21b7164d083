// Whether an extension that draws Mermaid diagrams in the editor's Markdown preview is there; newer editors bring one along. No vscode.

export interface InstalledExtension {
  id: string;
  /** Its manifest, which anybody may have written. */
  packageJSON: unknown;
}

/** True when one of the extensions teaches the Markdown preview Mermaid. */
export function canPreviewMermaid(extensions: readonly InstalledExtension[]): boolean {
  return extensions.some(({ id, packageJSON }) => {
    const { contributes, keywords } = (packageJSON ?? {}) as Manifest;
    const isMermaid = /mermaid/i.test(id) || (Array.isArray(keywords) && keywords.includes('mermaid'));
    return isMermaid && contributes?.['markdown.markdownItPlugins'] === true;
  });
}

interface Manifest {
  contributes?: Record<string, unknown>;
  keywords?: unknown;
}

/** A diagram as a Markdown document, whatever is in it. */
export function mermaidDocument(code: string): string {
  const longestRun = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longestRun + 1);
  return `${fence}mermaid\n${code.replace(/\n$/, '')}\n${fence}\n`;
}
