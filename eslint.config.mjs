// Habits that need types, and the borders between the programs. Layers inside a program: scripts/tidy.mjs.
import tseslint from 'typescript-eslint';

const noRestricted = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });
const apart = (group, message) => ({ group, message });

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      'dist/',
      '.tools/',
      'test-results/',
      'test/sample_workspace/',
      '.vscode-test/',
      '*.config.mts',
    ],
  },
  {
    files: ['{engine,extension,webview,test}/**/*.ts'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-fallthrough': 'error',
      'no-unsafe-finally': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'No default exports.' },
        { selector: 'ExportAllDeclaration', message: 'No barrel files: import from the file that has it.' },
      ],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-array-delete': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-for-in-array': 'error',
      '@typescript-eslint/no-implied-eval': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['webview/**/*.ts'],
    rules: noRestricted(
      apart(
        ['vscode', 'vscode-jsonrpc', 'vscode-jsonrpc/*', 'node:*'],
        'The page knows neither the editor nor Node.',
      ),
      apart(['**/engine/**', '**/extension/**', '**/test/**'], 'The page imports only itself.'),
    ),
  },
  {
    files: ['extension/**/*.ts'],
    rules: noRestricted(
      apart(
        [
          '**/engine/*',
          '!**/engine/protocol/',
          '!**/engine/shared/',
          '**/engine/*/**',
          '!**/engine/protocol/**',
          '!**/engine/shared/**',
        ],
        'Of the engine, only its protocol and what it shares.',
      ),
      apart(
        ['**/webview/*', '!**/webview/protocol.ts', '**/webview/*/**'],
        'Of the page, only its protocol.',
      ),
      apart(['webgpu', '**/test/**'], 'Not for the extension host.'),
    ),
  },
  {
    files: ['engine/**/*.ts'],
    rules: noRestricted(
      apart(['vscode'], 'The engine knows no editor.'),
      apart(['**/extension/**', '**/webview/**', '**/test/**'], 'The engine imports only itself.'),
    ),
  },
  { files: ['**/*.d.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
