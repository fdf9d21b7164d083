// The shell of the chat page as a pure function: strict policy, one style sheet, one script, and the texts as data.
import type { Texts } from '../l10n.ts';

export interface PageParts {
  nonce: string;
  /** The webview's own origin. */
  cspSource: string;
  scriptUri: string;
  styleUri: string;
  texts: Texts;
}

/** Scripts run only with the nonce; nothing is fetched; styles may be inline because the toolkit writes them so. */
export function pageHtml({ nonce, cspSource, scriptUri, styleUri, texts }: PageParts): string {
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'unsafe-inline'`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${attribute(texts.language)}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${attribute(styleUri)}">
  <title>Hearth</title>
</head>
<body>
  <div id="app"></div>
  <script type="application/json" id="l10n">${data(texts.bundle)}</script>
  <script type="module" nonce="${attribute(nonce)}" src="${attribute(scriptUri)}"></script>
</body>
</html>
`;
}

/** JSON that no text in it can end or leave: `<` is written as an escape. */
function data(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function attribute(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
