// The commands of Hearth's own: their names, what they are about, and how each asks the model. Pure.
import { phrase, type Phrase } from '../../engine/protocol/phrase.ts';
import { commitQuestion } from './commit_prompt.ts';
import type { Problem } from './facts.ts';

export interface SlashCommand {
  name: string;
  description: Phrase;
  hint?: Phrase;
  /** The code at hand (the selection, else the file), or the changes that are not committed. */
  about: 'code' | 'changes';
  /** The question; `rest` is what the user wrote behind the name. */
  question(about: Subject): string;
}
/** What a question can speak of beside the code that is attached to it. */
export interface Subject {
  rest: string;
  /** The path of the file; '' when the question is about changes. */
  path: string;
  languageId: string;
  /** The problems in the code that is attached. */
  problems: readonly Problem[];
}

export const slashCommands: readonly SlashCommand[] = [
  {
    name: 'explain',
    description: phrase`Explain the selection or the open file`,
    hint: phrase`what to look at`,
    about: 'code',
    question: ({ rest, problems }) =>
      lines(
        'Explain the attached code: what it is for, how it works, and what is surprising about it.',
        ...problemLines(
          'Explain these problems that the editor reports in it, and what causes them:',
          problems,
        ),
        wish(rest),
      ),
  },
  {
    name: 'fix',
    description: phrase`Fix the problems in the selection or the open file`,
    hint: phrase`what is wrong`,
    about: 'code',
    question: ({ rest, problems, ...file }) =>
      lines(
        ...problemLines('Fix these problems that the editor reports in the attached code:', problems),
        problems.length === 0 && 'Find out what is wrong with the attached code, and fix it.',
        wish(rest),
        'Say in one or two sentences what the cause is. Change no more than is needed.',
        codeBlockRule(file),
      ),
  },
  {
    name: 'tests',
    description: phrase`Write tests for the selection or the open file`,
    hint: phrase`what to test`,
    about: 'code',
    question: ({ rest, languageId }) =>
      lines(
        'Write tests for the attached code: what it usually does, its edge cases, and what it does with bad input.',
        'Use the test framework and the style that the project already uses, if that can be seen.',
        wish(rest),
        `Give the whole test file in one fenced code block, with the path it should have after the language: \`\`\`${languageId} PATH`,
      ),
  },
  {
    name: 'docs',
    description: phrase`Document the selection or the open file`,
    hint: phrase`what to mention`,
    about: 'code',
    question: ({ rest, ...file }) =>
      lines(
        'Write documentation comments for the attached code, in the form that is usual in its language.',
        'Say what a reader cannot see from the code itself. Change nothing but comments.',
        wish(rest),
        codeBlockRule(file),
      ),
  },
  {
    name: 'refactor',
    description: phrase`Make the selection or the open file simpler without changing what it does`,
    hint: phrase`what to improve`,
    about: 'code',
    question: ({ rest, ...file }) =>
      lines(
        'Refactor the attached code: make it simpler and easier to read without changing what it does.',
        wish(rest),
        'Say in a few sentences what you changed and why.',
        codeBlockRule(file),
      ),
  },
  {
    name: 'review',
    description: phrase`Review the selection or the open file`,
    hint: phrase`what to look for`,
    about: 'code',
    question: ({ rest, problems }) =>
      lines(
        'Review the attached code as a careful colleague would: bugs first, then security, speed and clarity.',
        'Give each finding with its line, why it matters and what to do. Leave out what is merely taste.',
        ...problemLines('The editor already reports:', problems),
        wish(rest),
      ),
  },
  {
    name: 'commit',
    description: phrase`Write a commit message for the staged changes, or for all`,
    hint: phrase`what to mention`,
    about: 'changes',
    question: ({ rest }) => lines(commitQuestion, wish(rest)),
  },
];

/** How many problems a question names, so that a file full of them leaves room for the code. */
export const problemsMax = 20;

/** Asks for code in the form from which it can be put into the file with one click. */
function codeBlockRule({ languageId, path }: Pick<Subject, 'languageId' | 'path'>): string {
  return `Give the changed code in one fenced code block, with the path of the file after the language: \`\`\`${languageId} ${path}`;
}

function problemLines(head: string, problems: readonly Problem[]): string[] {
  if (problems.length === 0) return [];
  const shown = problems.slice(0, problemsMax).map(problemLine);
  const more = problems.length - shown.length;
  return [[head, ...shown, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n')];
}

function problemLine({ severity, message, source, code, startLine }: Problem): string {
  const origin = [source, code].filter(Boolean).join(' ');
  return `- line ${startLine}, ${severity}${origin === '' ? '' : ` (${origin})`}: ${message.replace(/\s*\n\s*/g, ' ')}`;
}

function wish(rest: string): string | false {
  return rest !== '' && `What the user adds: ${rest}`;
}

function lines(...texts: (string | false)[]): string {
  return texts.filter(text => text !== false).join('\n\n');
}
