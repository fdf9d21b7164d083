// A process of a test that wants the same folders as others at the same moment: it says which of them it was given.
import { claim } from '../../extension/models/transfer/claim.ts';

/** The folders that a child was given, in answer to a list of folders. */
export type ClaimedFolders = string[];

process.on('message', (folders: string[]) => {
  void (async () => {
    const claimed: ClaimedFolders = [];
    for (const folder of folders) if (await claim(folder)) claimed.push(folder);
    process.send?.(claimed);
  })();
});
process.send?.('ready');
