// A workspace's files as one block for the prompt, as much of them as the model and its context have room for.
import { workspaceBudget } from '../prompt/budget.ts';
import { sectionText, workspaceBlock } from '../prompt/workspace_block.ts';
import { goOn, pack, type PackOptions } from '../workspace/packing/pack.ts';
import { byWorth } from '../workspace/packing/worth.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Loaded } from './loaded.ts';

/** Brings the block up to date: what stands in it stays there, and what is new is appended, as long as that is sensible. */
export function layOutChanges(loaded: Loaded, workspace: Workspace): void {
  const { headingTokens, options } = optionsFor(loaded, workspace);
  // A model that was trained on the block's forms has not seen notes of what is gone.
  const notes = loaded.limits.workspaceTokensMax === undefined;
  const next = workspace.pack && goOn(workspace.pack, workspace.files, { ...options, notes });
  if (next) workspace.setPack(next, headingTokens);
  else layOut(loaded, workspace);
}

/** Packs the files anew. Counts tokens of every file that could fit, so it takes its time. */
export function layOut(loaded: Loaded, workspace: Workspace): void {
  const { headingTokens, options } = optionsFor(loaded, workspace);
  const { files, recentPaths } = workspace;
  workspace.setPack(
    pack(files, () => byWorth(files, recentPaths), options),
    headingTokens,
  );
}

function optionsFor(
  { model, limits, tokenizer }: Loaded,
  workspace: Workspace,
): { headingTokens: number; options: PackOptions } {
  const count = (text: string): number => tokenizer.encode(text, { special: false }).length;
  const budgetTokens = workspaceBudget({
    contextTokensMax: model.contextTokensMax,
    askedTokensMax: workspace.blockTokensMax,
    ownTokensMax: limits.workspaceTokensMax,
  });
  const headingTokens = count(workspaceBlock(workspace.name, []));
  return {
    headingTokens,
    options: {
      budgetTokens: budgetTokens - headingTokens,
      count: section => count(`\n\n${sectionText(section)}`),
    },
  };
}
