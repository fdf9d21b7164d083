import { expect, test } from 'vitest';
import { errors } from '../../engine/protocol/errors.ts';
import { asKnownError } from '../../extension/known_error.ts';

test('an error of ours stays as it is, and anything else becomes internal with its cause kept', () => {
  const ours = errors.noModel();
  expect(asKnownError(ours)).toBe(ours);
  const other = new TypeError('x is undefined');
  expect(asKnownError(other)).toMatchObject({ code: 'internal', cause: other });
  expect(asKnownError(other).message).toContain('x is undefined');
  expect(asKnownError('plain text').message).toContain('plain text');
});
