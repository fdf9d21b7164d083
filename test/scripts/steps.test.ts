import { expect, test } from 'vitest';
import { stepText } from '../../scripts/setup/command.mjs';

test('a step is told with about how long it takes, in words that fit the number', () => {
  expect(stepText('Installing the npm packages', 20)).toBe(
    'Installing the npm packages (about 20 seconds, once)',
  );
  expect(stepText('Installing it', 120)).toBe('Installing it (about 2 minutes, once)');
  expect(stepText('Waiting', 60)).toBe('Waiting (about 1 minute, once)');
  expect(stepText('Building the extension', 5, { once: false })).toBe(
    'Building the extension (about 5 seconds)',
  );
});
