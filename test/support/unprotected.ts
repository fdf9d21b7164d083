// The panel without what protects it from its texts, so that tests can show that they would notice. Never part of the product.
import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import type { Unprotected } from './page.ts';

const sanitizer = `
export default () => ({
  addHook() {},
  sanitize(markup) {
    const template = document.createElement('template');
    template.innerHTML = markup;
    return document.importNode(template.content, true);
  },
});`;

/** Leaves out the escaping of markup, or also its check. */
export function unprotected(without: Unprotected): Plugin {
  return {
    name: 'unprotected',
    setup(build) {
      build.onLoad({ filter: /webview[\\/]view[\\/]blocks\.ts$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const contents = source.replace('html: false', 'html: true');
        if (contents === source) throw new Error(`${path} no longer says where markup is escaped.`);
        return { contents, loader: 'ts' };
      });
      if (without === 'escaping') return;
      build.onResolve({ filter: /^dompurify$/ }, () => ({ path: 'dompurify', namespace: 'unprotected' }));
      build.onLoad({ filter: /.*/, namespace: 'unprotected' }, () => ({ contents: sanitizer }));
    },
  };
}
