// Commands out of blocks of code, and how they are shown before they run.
import { expect, test } from 'vitest';
import { commandOf, isShell, visibleText } from '../../../extension/edit/shell_text.ts';

test('only languages of shells can be run', () => {
  for (const one of ['bash', 'sh', 'zsh', 'shell', 'console', 'powershell', 'bat', 'cmd', 'fish', 'BASH'])
    expect(isShell(one)).toBe(true);
  for (const one of ['', 'python', 'ts', 'text', 'dockerfile', 'output']) expect(isShell(one)).toBe(false);
});

test.each([
  ['plain lines stay', 'cd a\nnpm test\n', 'cd a\nnpm test'],
  ['prompts go', '$ cd a\n$ npm test', 'cd a\nnpm test'],
  ['what was printed goes', '$ ls\na.txt  b.txt\n$ cat a.txt\nhello', 'ls\ncat a.txt'],
  [
    'a command over several lines',
    '$ docker run \\\n>   -it \\\n>   alpine\nhello',
    'docker run \\\n  -it \\\n  alpine',
  ],
  ['a comment before the first prompt', '# install\n$ npm ci', 'npm ci'],
  ['user and folder in the prompt', 'me@host:~/a$ make\nok', 'make'],
  ['an environment in the prompt', '(venv) $ python -m pytest', 'python -m pytest'],
  ['PowerShell', 'PS C:\\work> Get-Item .\nName', 'Get-Item .'],
  ['cmd', 'C:\\src>dir /b\na.txt', 'dir /b'],
  ['line ends of Windows', 'a\r\nb\rc', 'a\nb\nc'],
  ['a variable is no prompt', '$x = 1\necho $x', '$x = 1\necho $x'],
  ['only output', '\n\n', ''],
])('%s', (_name, code, expected) => {
  expect(commandOf(code)).toBe(expected);
});

test('characters that would not show are made visible', () => {
  expect(visibleText('a\tb\nc')).toBe('a\tb\nc');
  expect(visibleText('a\u001b[2Kb\u0007\u007f\u0000')).toBe('a␛[2Kb␇␡␀');
  expect(visibleText('rm \u202e gpj.x')).toBe('rm \\u{202E} gpj.x');
  expect(visibleText('a\u200bb\u00a0c\u2028d\ufeff\u{e0041}')).toBe(
    'a\\u{200B}b\\u{A0}c\\u{2028}d\\u{FEFF}\\u{E0041}',
  );
  expect(visibleText('e\u0085')).toBe('e\\u{85}');
});
