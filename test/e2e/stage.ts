// What every scenario of the drive works with.
import type { HubServer } from '../fakes/hub_server.ts';
import type { Editor } from './editor.ts';
import type { InstalledExtension } from './installed.ts';
import type { Panel } from './panel.ts';

/** Everything a scenario works with. */
export interface Stage {
  editor: Editor;
  panel: Panel;
  extension: InstalledExtension;
  /** What the extension takes for the hub. */
  hub: HubServer;
  /** The opened folder. */
  folder: string;
  shots: string;
  /** Scratch space of this run. */
  directory: string;
  /** Changes settings of the machine, as editing its settings file does. */
  set(settings: Record<string, unknown>): void;
  step(name: string, body: () => Promise<void>): Promise<void>;
}

/** The longest answer in the drive, in tokens: a software GPU is slow. */
export const answerTokensMax = 48;

/** Settings under which any model writes long enough to be stopped: it says again what it has said rather than end. */
export const endless = { 'hearth.chat.maxTokens': 1024, 'hearth.chat.presencePenalty': -10 };
/** The way back from `endless`. */
export const brief = { 'hearth.chat.maxTokens': answerTokensMax, 'hearth.chat.presencePenalty': null };
