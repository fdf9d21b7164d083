// Checks that run nothing of the product: compiler, lint, house rules, dead code.
import { join } from 'node:path';
import { root } from '../setup/places.mjs';
import { checkRow, heading, runNode } from './run.mjs';

const programs = ['engine', 'extension', 'webview', 'test'];
const formatted = [
  '{engine,extension,webview,test,scripts}/**/*.{ts,mjs}',
  '*.{ts,mjs}',
  '!test/sample_workspace',
];
const bin = (...parts) => join(root, 'node_modules', ...parts);

export async function types() {
  heading('types');
  const rows = [];
  for (const program of programs)
    rows.push(
      checkRow(`types of ${program}`, await runNode([bin('typescript', 'bin', 'tsc'), '-p', program])),
    );
  return rows;
}

export async function lint() {
  heading('lint');
  return [
    checkRow('eslint', await runNode([bin('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0'])),
    checkRow(
      'format',
      await runNode([bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', ...formatted]),
    ),
    checkRow('house rules', await runNode([join(root, 'scripts', 'tidy.mjs')])),
    checkRow(
      'dead code',
      await runNode([bin('knip', 'bin', 'knip.js'), '--no-progress', '--treat-config-hints-as-errors']),
    ),
  ];
}
