import assert from 'node:assert/strict';
import { commands, env, version, workspace } from 'vscode';
import { hearth } from './hearth.ts';

interface Manifest {
  contributes: {
    commands: { command: string }[];
    configuration: { properties: Record<string, { default: unknown }> }[];
  };
}

suite('activation', () => {
  const manifest = (): Manifest['contributes'] => (hearth().packageJSON as Manifest).contributes;

  test('the extension is activated and no engine is started by that', async () => {
    console.log(
      `    ${env.appName} ${version}, Node ${process.versions.node}, Electron ${process.versions['electron'] ?? 'none'}`,
    );
    const api = await hearth().activate();
    assert.ok(hearth().isActive);
    assert.equal(api.enginePid(), undefined);
  });

  test('every command of the manifest is registered', async () => {
    const registered = new Set(await commands.getCommands(true));
    assert.deepEqual(
      manifest()
        .commands.map(({ command }) => command)
        .filter(command => !registered.has(command)),
      [],
    );
  });

  test('every setting of the manifest is there with its default', () => {
    for (const { properties } of manifest().configuration)
      for (const [name, { default: expected }] of Object.entries(properties))
        assert.deepEqual(workspace.getConfiguration().inspect(name)?.defaultValue, expected, name);
  });
});
