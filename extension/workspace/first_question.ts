// A first question about a workspace that no engine has read: some of its files are looked at, and nothing is sent.
import type { WalkEntry } from '../../engine/shared/files/walk.ts';
import { SampleQuestions } from './sample_question.ts';

/** What is looked at: enough to know the main language, little enough for a slow disk or a remote one. */
const entriesMax = 300;
const charsMax = 2_000_000;

/** Where something that these files export is defined; undefined when none of the files looked at exports anything. */
export async function firstQuestion(
  source: { readSome(isCancelled: () => boolean): AsyncIterable<WalkEntry> },
  isCancelled: () => boolean,
): Promise<string | undefined> {
  const questions = new SampleQuestions();
  const paths: string[] = [];
  let [entries, chars] = [0, 0];
  for await (const entry of source.readSome(isCancelled)) {
    if (entry.kind === 'file') {
      questions.put(entry.file.path, entry.file.text);
      paths.push(entry.file.path);
      chars += entry.file.text.length;
    }
    entries += 1;
    if (entries >= entriesMax || chars >= charsMax) break;
  }
  return questions.among(paths);
}
