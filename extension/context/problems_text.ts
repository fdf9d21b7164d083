// The problems that the editor reports, as a text for the model: those of the file in front first, and errors before the rest. Pure.
import type { Problem } from '../prompts/facts.ts';

/** More say little to a model that can mend only a few at a time. */
const problemsMax = 200;
const messageCharsMax = 1_000;
const severities: readonly Problem['severity'][] = ['error', 'warning', 'information', 'hint'];

/** A line a problem; `left` of the `count` problems are not in the text. Hints are for the eye and count as none. */
export function problemsText(
  files: readonly { path: string; problems: readonly Problem[] }[],
  activePath: string | undefined,
): { text: string; count: number; left: number } {
  const all = files.flatMap(({ path, problems }) =>
    problems.filter(({ severity }) => severity !== 'hint').map(problem => ({ path, problem })),
  );
  type Found = (typeof all)[number];
  const rank = ({ problem }: Found): number => severities.indexOf(problem.severity);
  const sorted = all.toSorted(
    (one, other) =>
      Number(other.path === activePath) - Number(one.path === activePath) ||
      rank(one) - rank(other) ||
      (one.path < other.path ? -1 : one.path > other.path ? 1 : 0) ||
      one.problem.startLine - other.problem.startLine,
  );
  const shown = sorted.slice(0, problemsMax);
  return {
    text: shown.map(({ path, problem }) => problemLine(path, problem)).join('\n'),
    count: all.length,
    left: all.length - shown.length,
  };
}

function problemLine(path: string, { startLine, severity, message, source, code }: Problem): string {
  const by = [source, code].filter(Boolean).join(' ');
  const text = message.slice(0, messageCharsMax).replaceAll('\n', ' ');
  return `${path}:${startLine}: ${severity}: ${text}${by === '' ? '' : ` (${by})`}`;
}
