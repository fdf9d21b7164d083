// The name of a language as the editor shows it: extensions declare languages with an id and names.
import { extensions } from 'vscode';

/** "Markdown" for `markdown`; the id itself where no extension names the language. */
export function languageName(languageId: string): string {
  for (const { packageJSON } of extensions.all) {
    const { contributes } = packageJSON as {
      contributes?: { languages?: { id?: string; aliases?: string[] }[] };
    };
    const [name] =
      contributes?.languages?.find(({ id, aliases }) => id === languageId && aliases)?.aliases ?? [];
    if (name !== undefined) return name;
  }
  return languageId;
}
