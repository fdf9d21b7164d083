// A workspace's files as one block for the prompt, as much of them as the model and its context have room for.
import { mapBudget, workspaceBudget } from '../prompt/budget.ts';
import { sectionText, workspaceBlock } from '../prompt/workspace_block.ts';
import { goOn, pack, withExports, type PackOptions } from '../workspace/packing/pack.ts';
import type { FileExports } from '../workspace/packing/repository_map.ts';
import { byWorth } from '../workspace/packing/worth.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Loaded } from './loaded.ts';

/** Brings the block up to date: what stands in it stays there, and what is new is appended, as long as that is sensible. */
export function layOutChanges(loaded: Loaded, workspace: Workspace): void {
  const { headingTokens, options } = optionsFor(loaded, workspace);
  const next = workspace.pack && goOn(workspace.pack, workspace.files, { ...options, notes: !isTrained(loaded) });
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

/** Has the map of the block, which nobody has read yet, say what its files export. */
export function layOutExports(loaded: Loaded, workspace: Workspace, exports: FileExports): void {
  const { headingTokens, options } = optionsFor(loaded, workspace);
  if (workspace.pack) workspace.setPack(withExports(workspace.pack, exports, options), headingTokens);
}

/** A model that was trained on forms of its own has not seen notes of what is gone, nor a map. */
function isTrained({ limits }: Loaded): boolean {
  return limits.workspaceTokensMax !== undefined;
}

function optionsFor(
  loaded: Loaded,
  workspace: Workspace,
): { headingTokens: number; options: PackOptions } {
  const { model, limits, tokenizer } = loaded;
  const count = (text: string): number => tokenizer.encode(text, { special: false }).length;
  const blockTokens = workspaceBudget({
    contextTokensMax: model.contextTokensMax,
    askedTokensMax: workspace.blockTokensMax,
    ownTokensMax: limits.workspaceTokensMax,
  });
  const headingTokens = count(workspaceBlock(workspace.name, []));
  const budgetTokens = blockTokens - headingTokens;
  const mapTokensMax = isTrained(loaded) ? undefined : mapBudget(budgetTokens);
  return {
    headingTokens,
    options: {
      budgetTokens,
      count: section => count(`\n\n${sectionText(section)}`),
      map: mapTokensMax === undefined ? undefined : { tokensMax: mapTokensMax, countText: count },
    },
  };
}
