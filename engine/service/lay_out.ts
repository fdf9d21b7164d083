// A workspace's files as one block for the prompt, as much of them as the model and its context have room for.
import { selectFiles, workspaceBudget } from '../prompt/budget.ts';
import { fileSection, workspaceBlock } from '../prompt/workspace_block.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Loaded } from './loaded.ts';

/** Lays out the files, unless they and their budget are those of the layout there is. */
export function layOutIfChanged(loaded: Loaded, workspace: Workspace): void {
  if (!workspace.keepLayout(budgetOf(loaded, workspace))) layOut(loaded, workspace);
}

/** Lays out the files as they are. Counts tokens of every file that could fit, so it takes its time. */
export function layOut(loaded: Loaded, workspace: Workspace): void {
  const { tokenizer } = loaded;
  const count = (text: string) => tokenizer.encode(text, { special: false }).length;
  const budgetTokens = budgetOf(loaded, workspace);
  const { files } = workspace;
  const headingTokens = count(workspaceBlock(workspace.name, []));
  const { included, leftOut, tokens } = selectFiles(
    files.map(file => ({
      path: file.path,
      chars: file.text.length,
      countTokens: () => count(`\n\n${fileSection(file)}`),
    })),
    Math.max(0, budgetTokens - headingTokens),
  );
  const chosen = new Set(included.map(file => file.path));
  const block = workspaceBlock(
    workspace.name,
    files.filter(file => chosen.has(file.path)),
  );
  workspace.setLayout({ block, included, leftOut, blockTokens: headingTokens + tokens, budgetTokens });
}

function budgetOf({ model, limits }: Loaded, workspace: Workspace): number {
  return workspaceBudget({
    contextTokensMax: model.contextTokensMax,
    askedTokensMax: workspace.blockTokensMax,
    ownTokensMax: limits.workspaceTokensMax,
  });
}
