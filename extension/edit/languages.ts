// Which names of languages mean the same: the words behind a fence, the ids of the editor, the endings of files. Pure.

const groups = [
  'ts typescript mts cts tsx typescriptreact js javascript mjs cjs jsx javascriptreact node',
  'py python python3 pyi pyw',
  'sh bash zsh shell shellscript fish',
  'c h cpp c++ cc cxx hpp hxx objc objective-c',
  'cs csharp c#',
  'rb ruby',
  'rs rust',
  'go golang',
  'kt kotlin kts',
  'md markdown mdx',
  'yml yaml',
  'json jsonc json5',
  'html htm xml xhtml svg vue svelte',
  'css scss sass less',
  'ps1 powershell pwsh psm1',
  'bat cmd batch',
  'dockerfile docker',
  'makefile make mk',
  'tex latex',
  'pl perl',
  'hs haskell',
  'ex exs elixir',
  'erl erlang',
  'jl julia',
  'fs fsharp',
  'txt text plaintext',
].map(group => new Set(group.split(' ')));

/** True when code of a fence with this word may belong to the file; a fence without a word may belong to any. */
export function isOfLanguage(fence: string, file: { language: string; path: string }): boolean {
  if (fence === '' || fence === 'diff' || fence === 'patch') return true;
  const name = file.path.split('/').at(-1)?.toLowerCase() ?? '';
  const names = [file.language, name, name.includes('.') ? (name.split('.').at(-1) ?? '') : ''];
  const group = groups.find(one => one.has(fence));
  return names.some(one => one === fence || group?.has(one));
}

/** The ending of a new file with such code, without a dot. */
export function endingFor(fence: string): string {
  const group = groups.find(one => one.has(fence));
  const [shortest] = [...(group ?? [])];
  if (fence === 'javascript' || fence === 'node') return 'js';
  if (/^[a-z]{1,4}\d?$/.test(fence) && fence !== 'text' && fence !== 'bash' && fence !== 'perl') return fence;
  return shortest ?? 'txt';
}
