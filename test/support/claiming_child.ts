// A process of a test that wants the same folders as others at the same moment: it says how many of them it was given.
import { claim } from '../../extension/models/transfer/claim.ts';

process.on('message', (folders: string[]) => {
  void (async () => {
    const claimed: string[] = [];
    for (const folder of folders) if (await claim(folder)) claimed.push(folder);
    process.send?.(claimed);
  })();
});
process.send?.('ready');
