// What the workspace has to say to a conversation: excerpts for its last question, and those that stood behind the earlier ones. Done before
// an answer waits for the device.
import { excerptBudget } from '../prompt/excerpt_budget.ts';
import { excerpts } from '../prompt/workspace_block.ts';
import type { ChatMessage } from '../protocol/chat.ts';
import { indexWaitMsMax } from '../workspace/symbols/symbol_search.ts';
import type { RankedPlace, Workspace } from '../workspace/workspace.ts';
import type { BlockMap } from './block_map.ts';
import type { Loaded } from './loaded.ts';
import { conversationKeys, type ExcerptMemory, type SentExcerpts } from './sent_excerpts.ts';

/** A workspace, and the excerpts that were sent of it. */
export interface KnownWorkspace {
  files: Workspace;
  /** At the head of its block. */
  map: BlockMap;
  sent: ExcerptMemory;
  /** Nothing is read before somebody asks, as the last batch said. */
  readLater: boolean;
}

export interface LookedUp {
  /** Places for the last question, best first. */
  ranked: readonly RankedPlace[];
  /** What stands behind each message; undefined behind answers. */
  behind: readonly (SentExcerpts | undefined)[];
  /** For the last question, should earlier ones be left out of the prompt: nothing is missing that stood behind them. */
  alone(): SentExcerpts;
  /** Of the last question. */
  key: string;
}

/** Earlier questions that are looked up anew where nothing is known of them, as after a restart. */
const lookedUpAgainMax = 8;

/**
 * `asked`: the conversation up to its last question. `again`: that question was asked before, and its answer goes on. All of it waits
 * once for files that are not indexed yet.
 */
export async function lookUp(
  { model, limits, tokenizer }: Loaded,
  { files, map, sent }: KnownWorkspace,
  asked: readonly ChatMessage[],
  { again }: { again: boolean },
): Promise<LookedUp> {
  const until = performance.now() + indexWaitMsMax;
  // What the block takes is known when its map stands.
  await map.stands(until);
  const budget = excerptBudget(
    {
      contextTokensMax: model.contextTokensMax,
      blockTokens: files.status.blockTokens,
      ownTokensMax: limits.workspaceTokensMax,
    },
    text => tokenizer.count(text),
  );
  const excerptsOf = (places: readonly RankedPlace[]): SentExcerpts => excerpts(files.unseen(places), budget);
  const keys = conversationKeys(asked);
  const last = asked.length - 1;
  const questions = asked.flatMap(({ role }, i) => (role === 'user' && i < last ? [i] : []));
  const behind: (SentExcerpts | undefined)[] = asked.map(() => undefined);
  const lookedUpAgain = new Set(questions.slice(-lookedUpAgainMax));
  const isShown = (place: RankedPlace): boolean =>
    behind.some(one =>
      one?.shown.some(other => other.path === place.path && other.text.includes(place.text)),
    );
  const placesFor = (question: string): Promise<RankedPlace[]> =>
    files.places(question, Math.max(0, until - performance.now()));
  for (const i of questions) {
    const key = keys[i] as string;
    behind[i] = sent.find(key);
    if (behind[i] || !lookedUpAgain.has(i)) continue;
    const places = await placesFor((asked[i] as ChatMessage).content);
    behind[i] = excerptsOf(places.filter(place => !isShown(place)));
    sent.keep(key, behind[i]);
  }
  const key = keys[last] as string;
  const ranked = await placesFor(asked[last]?.content ?? '');
  const known = again ? sent.find(key) : undefined;
  behind[last] = known ?? excerptsOf(ranked.filter(place => !isShown(place)));
  return { ranked, behind, alone: () => known ?? excerptsOf(ranked), key };
}
