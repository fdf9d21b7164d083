import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import strings from '../../package.nls.json' with { type: 'json' };
import { languages } from '../../scripts/package_contents.mjs';

const root = new URL('../../', import.meta.url);
const { contributes } = manifest;
const commandIds = contributes.commands.map(({ command }) => command);
const registered = new Set(
  ['extension/commands.ts', 'extension/edit/register.ts', 'extension/workspace/map/map_view.ts'].flatMap(
    file =>
      [...readFileSync(new URL(file, root), 'utf8').matchAll(/'(hearth\.[A-Za-z]+)':/g)].map(([, id]) => id),
  ),
);

function translationsOf(path: string): Record<string, string> {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8')) as Record<string, string>;
}

describe('manifest', () => {
  test('has a text for every placeholder and no text to spare', () => {
    const used = new Set([...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key));
    expect([...used].sort()).toEqual(Object.keys(strings).sort());
  });

  test('names exactly the commands that are registered', () => {
    expect([...registered].sort()).toEqual([...commandIds].sort());
  });

  test('has every command that the documents and messages name by its title', () => {
    const titles = contributes.commands.map(
      ({ category, title }) => `${category}: ${strings[title.slice(1, -1) as keyof typeof strings]}`,
    );
    const pages = readdirSync(new URL('media/walkthrough/', root)).map(name => `media/walkthrough/${name}`);
    const documents = [
      'README.md',
      'CHANGELOG.md',
      'package.nls.json',
      'engine/protocol/errors.ts',
      ...pages,
    ];
    const named = documents.flatMap(path =>
      [...readFileSync(new URL(path, root), 'utf8').matchAll(/(?:\*\*|")(Hearth: [^*"]+)(?:\*\*|")/g)].map(
        ([, title]) => ({ path, title }),
      ),
    );
    expect(named.map(({ path }) => path)).toContain('README.md');
    expect(named.filter(({ title }) => !titles.includes(title!))).toEqual([]);
  });

  test.each(languages)('has every command that texts in %s name by its title', language => {
    const translated = translationsOf(`package.nls.${language}.json`);
    const titles = contributes.commands.map(({ title }) => `Hearth: ${translated[title.slice(1, -1)]}`);
    const texts = [translated, translationsOf(`extension/l10n/bundle.l10n.${language}.json`)].flatMap(
      Object.values,
    );
    const named = texts.flatMap(text =>
      [...text.matchAll(/(?:\*\*|")(Hearth: [^*"]+)(?:\*\*|")/g)].map(([, title]) => title),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(title => !titles.includes(title))).toEqual([]);
  });

  test('names only known commands in menus, keys and walkthrough', () => {
    const texts =
      JSON.stringify([contributes.menus, contributes.keybindings, contributes.walkthroughs]) +
      JSON.stringify(strings);
    const named = [
      ...texts.matchAll(/"command":"([^"]+)"|command:(hearth\.\w+)|onCommand:(hearth\.\w+)/g),
    ].map(([, one, two, three]) => one ?? two ?? three);
    expect(named.filter(command => !commandIds.includes(command ?? ''))).toEqual([]);
  });

  test('takes keys under one chord only, each with a condition or for the chat as a whole, and Escape to stop', () => {
    const everywhere = ['hearth.openChat', 'hearth.newChat', 'hearth.showHistory'];
    for (const { key, command, when } of contributes.keybindings as {
      key: string;
      command: string;
      when?: string;
    }[]) {
      if (command === 'hearth.stopInlineEdit') expect(when).toContain('hearth.inlineEditing');
      else expect(key).toMatch(/^ctrl\+alt\+h (\w|enter|backspace|up|down)$/);
      expect(when !== undefined || everywhere.includes(command)).toBe(true);
      // The editor does not set it when the user clicks into a view that is a page.
      expect(when ?? '').not.toContain('focusedView');
    }
  });

  test('has every button of a row in its menu too, which the keyboard opens', () => {
    const entries = contributes.menus['view/item/context'] as Record<'command' | 'when' | 'group', string>[];
    const of = (isButton: boolean): string[] =>
      entries
        .filter(({ group }) => group.startsWith('inline') === isButton)
        .map(({ command, when }) => `${command} ${when}`);
    expect(of(true).length).toBeGreaterThan(0);
    expect(of(false)).toEqual(of(true));
  });

  test('points to files that exist', () => {
    const files = [
      manifest.icon,
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.markdown)),
    ];
    files.push(...contributes.viewsContainers.activitybar.map(({ icon }) => icon));
    expect(files.filter(file => !existsSync(new URL(file, root)))).toEqual([]);
    const names = readdirSync(new URL('media/walkthrough/', root));
    const pages = names.filter(name => name.endsWith('.md'));
    expect(pages.filter(page => !files.includes(`media/walkthrough/${page}`))).toEqual([]);
    const shown = pages.flatMap(page => {
      const text = readFileSync(new URL(`media/walkthrough/${page}`, root), 'utf8');
      return [...text.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, picture]) => picture ?? '');
    });
    expect(shown.toSorted()).toEqual(names.filter(name => !name.endsWith('.md')).toSorted());
  });

  test('lets no folder choose the model, where models are kept, or the program of the engine', () => {
    const properties = Object.assign(
      {},
      ...contributes.configuration.map(section => section.properties),
    ) as Record<string, { scope: string }>;
    for (const name of manifest.capabilities.untrustedWorkspaces.restrictedConfigurations)
      expect(properties[name]?.scope).toBe('machine');
    expect(
      Object.keys(properties)
        .filter(name => /(path|directory)$/i.test(name))
        .sort(),
    ).toEqual([...manifest.capabilities.untrustedWorkspaces.restrictedConfigurations].sort());
  });

  test('lets one folder among several have settings of its own only where they are read for a file or folder', () => {
    const properties = Object.entries(
      Object.assign({}, ...contributes.configuration.map(section => section.properties)) as Record<
        string,
        { scope: string }
      >,
    );
    expect(properties.flatMap(([name, { scope }]) => (scope === 'resource' ? [name] : [])).sort()).toEqual([
      'hearth.completion.debounceMs',
      'hearth.completion.maxTokens',
      'hearth.completion.multiline',
      'hearth.completion.neighbourFiles',
      'hearth.workspace.exclude',
      'hearth.workspace.maxFileSizeKB',
    ]);
  });
});
