// Opens the settings of Hearth where all of them are. In a remote window those of the model and the engine are the remote
// machine's, and the tab of the user does not list them.
import { commands, env } from 'vscode';

/** Opens the settings that a query of the settings editor finds; all of Hearth's without one. */
export async function openSettings(query = '@ext:hearth.hearth'): Promise<void> {
  if (env.remoteName === undefined) await commands.executeCommand('workbench.action.openSettings', query);
  else await commands.executeCommand('workbench.action.openRemoteSettings', { query });
}
