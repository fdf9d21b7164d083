// Drives the packaged extension in a real VS Code as a person would, and compares what it shows with what the engine's own
// command line produces greedily for the same input: never with a meaning.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCodeServer } from '../../scripts/code_server.mjs';
import { HubServer } from '../fakes/hub_server.ts';
import { openBrowser } from './browser.ts';
import { Editor } from './editor.ts';
import { InstalledExtension } from './installed.ts';
import { wantedScenarios, type Counts, type RunOptions } from './run.ts';
import { Panel } from './panel.ts';
import { chatScenario } from './scenarios/chat.ts';
import { completionScenario } from './scenarios/completion.ts';
import { crashScenario } from './scenarios/crash.ts';
import { guestScenario } from './scenarios/guest.ts';
import { editScenario } from './scenarios/edit.ts';
import { keyboardScenario } from './scenarios/keyboard.ts';
import { lookScenario } from './scenarios/look.ts';
import { mediaScenario } from './scenarios/media.ts';
import { modelScenario } from './scenarios/model.ts';
import { modelsScenario } from './scenarios/models.ts';
import { placesScenario } from './scenarios/places.ts';
import { thoughtsScenario } from './scenarios/thoughts.ts';
import { walkthroughScenario } from './scenarios/walkthrough.ts';
import { workspaceScenario } from './scenarios/workspace.ts';
import { answerTokensMax, type Stage } from './stage.ts';
import { Steps } from './steps.ts';

const quietTyping = {
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoIndent': 'none',
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.minimap.enabled': false,
  'editor.wordBasedSuggestions': 'off',
  'files.autoSave': 'off',
  'git.enabled': false,
  'window.commandCenter': false,
  'typescript.validate.enable': false,
};
/** In this order: each goes on from where the one before it left the editor. */
const scenarios = {
  guest: guestScenario,
  chat: chatScenario,
  completion: completionScenario,
  walkthrough: walkthroughScenario,
  workspace: workspaceScenario,
  crash: crashScenario,
  model: modelScenario,
  models: modelsScenario,
  edit: editScenario,
  thoughts: thoughtsScenario,
  keyboard: keyboardScenario,
  places: placesScenario,
  look: lookScenario,
};
/** Only when HEARTH_SCENARIOS names them. */
const extras = { media: mediaScenario };
const greedy = {
  // What the command line is asked for comparison has no editor.
  'hearth.chat.attachActiveEditor': false,
  'hearth.chat.temperature': 0,
  'hearth.chat.maxTokens': answerTokensMax,
  'hearth.chat.useWorkspace': false,
};

export async function drive({ directory, vsix, shots, onStop }: RunOptions): Promise<Counts> {
  const folder = join(directory, 'sample_workspace');
  cpSync(join(import.meta.dirname, '..', 'sample_workspace'), folder, { recursive: true });
  const hub = await HubServer.start();
  onStop(() => hub.stop());
  const server = await startCodeServer({
    directory,
    folder,
    vsix,
    env: { HF_ENDPOINT: hub.endpoint },
    settings: { ...quietTyping, 'workbench.colorTheme': 'Dark Modern' },
  });
  onStop(server.stop);
  const { browser, page, outside } = await openBrowser();
  onStop(() => browser.close());

  const steps = new Steps(page, shots);
  const machine: Record<string, unknown> = {};
  const stage: Stage = {
    editor: new Editor(page),
    panel: new Panel(page),
    extension: new InstalledExtension(server.extensions),
    hub,
    folder,
    shots,
    directory,
    set(change) {
      mkdirSync(join(directory, 'data', 'Machine'), { recursive: true });
      writeFileSync(
        join(directory, 'data', 'Machine', 'settings.json'),
        JSON.stringify(Object.assign(machine, change)),
      );
    },
    step: (name, body) => steps.step(name, body),
  };
  stage.set(greedy);
  await page.goto(server.url());
  await stage.editor.shown();
  const wanted = wantedScenarios();
  for (const [name, scenario] of Object.entries(scenarios))
    if (!wanted || wanted.includes(name)) await scenario(stage);
  for (const [name, scenario] of Object.entries(extras)) if (wanted?.includes(name)) await scenario(stage);
  await stage.step('nothing outside this machine was asked for', async () => {
    if (outside.size > 0) throw new Error(`asked for ${[...outside].join(', ')}`);
  });
  return steps.counts;
}
