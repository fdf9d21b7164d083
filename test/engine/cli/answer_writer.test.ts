// What of an answer goes to the results, and when.
import { expect, test } from 'vitest';
import { AnswerWriter } from '../../../engine/cli/answer_writer.ts';

/** What was written, in order: results as they are, what stands beside them in brackets. */
function written(live: boolean, work: (listeners: AnswerWriter['listeners']) => void): string[] {
  const all: string[] = [];
  const beside = (text: string) => void all.push(`(${text})`);
  const writer = new AnswerWriter({
    live,
    write: text => void all.push(text),
    notes: { text: beside, line: beside },
  });
  work(writer.listeners);
  all.push('end');
  writer.end();
  return all;
}

test('an answer that another program reads waits until it is certain to be none of the thoughts', () => {
  const thought = (listeners: AnswerWriter['listeners']) => {
    listeners.onText('Let me');
    listeners.onText(' think.');
    listeners.onThoughtSoFar();
    listeners.onText('Done');
    listeners.onText('.');
  };
  expect(written(false, thought)).toEqual(['(Let me think.)', 'Done', '.', 'end']);
  expect(written(false, ({ onText }) => ['One', ' two'].forEach(onText))).toEqual(['end', 'One two']);
});

test('after a thought it comes at once, and so it does before a person, who is told what was thought', () => {
  const after = ({ onThinking, onText }: AnswerWriter['listeners']) => {
    onThinking('Hm.');
    onText('Done');
  };
  expect(written(false, after)).toEqual(['(Hm.)', 'Done', 'end']);
  const seen = written(true, ({ onText, onThoughtSoFar }) => {
    onText('Hm.');
    onThoughtSoFar();
    onText('Done');
  });
  expect(seen).toEqual(['Hm.', '\n', '(what stands above was a thought)', 'Done', 'end']);
});
