import { describe, expect, test } from 'vitest';
import { pageHtml } from '../../../extension/chat/html.ts';

const html = pageHtml({
  nonce: 'abc123',
  cspSource: 'https://csp.example',
  scriptUri: 'https://csp.example/webview.js',
  styleUri: 'https://csp.example/webview.css',
  texts: { language: 'de', bundle: { Stop: 'Stopp', evil: '</script><script>evil <!--' } },
});
const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]?.split('; ') ?? [];

describe('page shell', () => {
  test('allows nothing by default, scripts only by the nonce, and no connection', () => {
    expect(policy).toEqual([
      `default-src 'none'`,
      `script-src 'nonce-abc123'`,
      `style-src https://csp.example 'unsafe-inline'`,
      `font-src https://csp.example`,
      `img-src https://csp.example data:`,
    ]);
  });

  test('has one script, which carries the nonce, and no inline one but data', () => {
    expect([...html.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)).toEqual([
      '<script type="application/json" id="l10n">',
      '<script type="module" nonce="abc123" src="https://csp.example/webview.js">',
    ]);
    expect(html).toContain('<div id="app"></div>');
  });

  test('carries the texts and their language, none of which can end the script that holds them', () => {
    expect(html).toContain('<html lang="de">');
    const data = /id="l10n">(.*?)<\/script>/.exec(html)?.[1] ?? '';
    expect(JSON.parse(data)).toEqual({ Stop: 'Stopp', evil: '</script><script>evil <!--' });
    expect(data).not.toContain('<');
  });

  test('escapes what is put into attributes', () => {
    expect(
      pageHtml({
        nonce: 'n',
        cspSource: 'c',
        scriptUri: '"><script>evil',
        styleUri: 's',
        texts: { language: '"><script>evil', bundle: {} },
      }),
    ).not.toContain('<script>evil');
  });
});
