import { describe, expect, test } from 'vitest';
import { commandName, readCommandLine } from '../../../extension/prompts/command_line.ts';

describe('readCommandLine', () => {
  test('reads a name and the rest, over several lines', () => {
    expect(readCommandLine('/fix')).toEqual({ name: 'fix', rest: '' });
    expect(readCommandLine('  /fix the loop\n  and the test ')).toEqual({
      name: 'fix',
      rest: 'the loop\n  and the test',
    });
    expect(readCommandLine('/fix\nthe loop')).toEqual({ name: 'fix', rest: 'the loop' });
    expect(readCommandLine('/release-notes.v2 a=1')).toEqual({ name: 'release-notes.v2', rest: 'a=1' });
  });

  test.each(['/usr/bin is full', '/usr/bin', '//comment', '/ fix', '/', 'what is /fix', '', '/?', '/-x'])(
    '%j is no command',
    text => expect(readCommandLine(text)).toBeUndefined(),
  );
});

test.each([
  ['release notes', 'release-notes'],
  ['  Über (neu)! ', 'Über-neu'],
  ['-x', 'x'],
  ['a/b', 'a-b'],
  ['!!', ''],
])('%j can be typed as %j', (name, typed) => {
  expect(commandName(name)).toBe(typed);
  if (typed) expect(readCommandLine(`/${typed} rest`)).toEqual({ name: typed, rest: 'rest' });
});
