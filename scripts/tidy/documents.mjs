// What the documents say of the code: a file or folder that they name in backticks is there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/places.mjs';

/** Whole paths and endings of paths (`chat/session.ts`), with what may follow a file name in prose. */
const named = /`([\w.-]+(?:\/[\w.*-]+)*\.(?:ts|mts|mjs|wgsl|css|json)|(?:[\w.-]+\/)+)`/g;
/** Files of models and of tools, what is made when it is needed, and names that stand for any. */
const notOurs =
  /^(config|tokenizer|tokenizer_config|generation_config|hearth-\w+|golden|package|package\.nls|package-lock|tsconfig|files)\.json$|^(dist|node_modules|\.tools|test-results|\.downloads|media)\/|\*|NAME/;

/** Documents by their path from the root. */
function documents() {
  const docs = readdirSync(join(root, 'docs')).filter(name => name.endsWith('.md'));
  return ['README.md', 'CONTRIBUTING.md', ...docs.map(name => `docs/${name}`)].map(path => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }));
}

export function documentFaults(files, texts = documents()) {
  const paths = files.map(({ path }) => path);
  const exists = name =>
    paths.some(path =>
      name.endsWith('/') ? `/${path}`.includes(`/${name}`) : `/${path}`.endsWith(`/${name}`),
    );
  return texts.flatMap(({ path, text }) =>
    [...new Set([...text.matchAll(named)].map(([, name]) => name))]
      .filter(name => !notOurs.test(name) && !exists(name))
      .map(name => `${path}: names \`${name}\`, which is not there`),
  );
}
