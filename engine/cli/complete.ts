// `complete`: the ghost text of a place in a file, asked for, cleaned up and dropped by the same rules as in the editor.
import { readFile } from 'node:fs/promises';
import { basename, relative, resolve } from 'node:path';
import { cleanUp } from '../shared/completion/cleanup/cleanup.ts';
import { syntaxOf } from '../shared/completion/cleanup/syntax.ts';
import { completionRequest, neighbourExcerpt } from '../shared/completion/completion_request.ts';
import { forbiddingRule, wantsBlock, type Rule } from '../shared/completion/completion_rules.ts';
import { contextAt, textAround, type CursorContext } from '../shared/completion/cursor_context.ts';
import { holdsSecret, isSecretPath } from '../shared/files/secret_files.ts';
import type { CompletionParams, NeighbourFile } from '../protocol/completion.ts';
import { errors } from '../protocol/errors.ts';
import { inEnglish, type Phrase } from '../protocol/phrase.ts';
import { phrase } from '../protocol/phrase.ts';
import { notes } from './notes.ts';
import { withSession, type SessionArgs } from './with_session.ts';

/** A place in a file; line and column from 1, as editors show them. */
export interface CompletionPlace {
  file: string;
  line: number;
  column: number;
  /** The folder that counts as the open one; unset: the current one. */
  workspace?: string;
  /** Other files that were looked at, the last one first. */
  neighbours: readonly string[];
  /** A block in any case; otherwise where the editor would ask for one. */
  multiline: boolean;
  maxTokens: number;
}

/** Prints one completion as the editor would get it. */
export async function runComplete(args: CompletionPlace & SessionArgs): Promise<void> {
  const asked = await requestAt(args);
  if ('forbiddenBy' in asked) return printNothing(asked.forbiddenBy.explanation);
  const { params, context, explicit } = asked;
  await withSession(args, async session => {
    const { text, stats } = await session.complete(params);
    const { multiline, path } = params;
    const shown = cleanUp({ text, context, multiline, explicit, syntax: syntaxOf({ path }) });
    if ('text' in shown) process.stdout.write(`${shown.text}\n`);
    else printNothing(shown.droppedBy.explanation);
    return stats;
  });
}

function printNothing(why: Phrase): void {
  process.stdout.write('\n');
  notes.line(`no suggestion: ${inEnglish(why)}`);
}

/**
 * What the editor would ask while the user types at the place, or, where it would not ask by itself, when asked by hand; or the
 * rule by which it does not even then. Throws fileUnreadable, and badUsage for a place outside of the text.
 */
export async function requestAt({
  file,
  workspace = '.',
  neighbours,
  multiline,
  maxTokens,
  ...place
}: CompletionPlace): Promise<
  { params: CompletionParams; context: CursorContext; explicit: boolean } | { forbiddenBy: Rule }
> {
  const context = contextIn(await textOf(file), place);
  if (!context) throw errors.badUsage(phrase`${file} has no line ${place.line}, column ${place.column}.`);
  const situation = {
    context,
    enabled: true,
    languageEnabled: true,
    secretFile: isSecretPath(slashed(resolve(file))) || holdsSecret(textAround(context)),
    cursorCount: 1,
  };
  const explicit = forbiddingRule({ ...situation, explicit: false }) !== undefined;
  const forbiddenBy = forbiddingRule({ ...situation, explicit });
  if (forbiddenBy) return { forbiddenBy };
  const root = resolve(workspace);
  const params = completionRequest({
    documentId: file,
    path: slashed(relative(root, resolve(file))),
    context,
    workspaceName: basename(root),
    neighbours: await excerptsOf(neighbours, root),
    multiline: wantsBlock(multiline ? 'always' : 'auto', { context, explicit, afterAccept: false }),
    maxTokens,
    deadlineMs: 600_000,
  });
  return { params, context, explicit };
}

/** The context of a place; undefined when the text has no such place. */
function contextIn(
  text: string,
  { line, column }: { line: number; column: number },
): CursorContext | undefined {
  const lines = text.split(/\r\n|\r|\n/);
  const current = lines[line - 1];
  if (current === undefined || column < 1 || column > current.length + 1) return undefined;
  return contextAt(
    { lineCount: lines.length, lineAt: index => ({ text: lines[index] ?? '' }) },
    { line: line - 1, character: column - 1 },
  );
}

/** As the editor sends them: nothing of files that are empty or may hold secrets. */
async function excerptsOf(files: readonly string[], root: string): Promise<NeighbourFile[]> {
  const harmless = files.map(file => resolve(file)).filter(file => !isSecretPath(slashed(file)));
  const read = await Promise.all(
    harmless.map(async file => ({
      path: slashed(relative(root, file)),
      content: neighbourExcerpt(await textOf(file)),
    })),
  );
  return read.filter(({ content }) => content.trim() !== '' && !holdsSecret(content));
}

/** The text of a file without a byte order mark. */
async function textOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw errors.fileUnreadable(file, cause);
  });
  return text.replace(/^\uFEFF/, '');
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}
