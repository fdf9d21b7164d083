// Everything that the view of the model page is made from. Types only.
import type { LookUpView } from '../../../webview/protocol.ts';
import type { KnownDevice } from '../../known_device.ts';
import type { CatalogueEntry } from '../../../engine/shared/architecture/catalogue.ts';
import type { InstalledModel } from '../installed_model.ts';
import type { LibraryState } from '../library.ts';
import type { RepositoryFacts } from '../look_up.ts';
import type { MachineAdvice } from '../machine_advice.ts';
import type { ModelProblem } from '../transfer/problem.ts';
import type { VerifyResult } from '../transfer/verify.ts';

/** The last question to the hub about a repository, and its answer. */
export interface LookUp {
  reference: string;
  state: LookUpView['state'];
  facts?: RepositoryFacts;
  problem?: ModelProblem;
}

export interface ViewSource {
  library: LibraryState;
  catalogue: readonly CatalogueEntry[];
  advice: MachineAdvice;
  device: KnownDevice | undefined;
  /** Whether the setting names this model. */
  isCurrent(model: InstalledModel): boolean;
  /** The length of context that was found to fit the model at a path. */
  contextOf(path: string): number | undefined;
  /** The length of context that the setting asks for; 0 when it leaves that open. */
  contextSetting: number;
  lookUp: LookUp;
  /** Results of checks, by the id of the model. */
  checked: ReadonlyMap<string, VerifyResult>;
  folder: string;
  diskFreeBytes: number | undefined;
  hasToken: boolean;
  problem: ModelProblem | undefined;
}
