// The settings of Hearth as typed values. A wrong value is replaced by its default, with a warning. No vscode.
import * as z from 'zod';
import { defaultExcludes } from '../engine/shared/files/ignore_rules.ts';
import { limits } from '../engine/protocol/limits.ts';
import { t } from './l10n.ts';

const wholeNumber = (min: number, max: number) => z.number().int().min(min).max(max);

/** One entry per setting, by its name without "hearth.". The defaults are those of package.json. */
const settingSchemas = {
  'model.path': z.string().default(''),
  'engine.start': z.enum(['whenAsked', 'withWindow']).default('whenAsked'),
  'engine.idleMinutes': wholeNumber(0, 1440).default(30),
  'engine.nodePath': z.string().default(''),
  'gpu.adapter': z.string().default(''),
  'gpu.memoryLimitMB': wholeNumber(0, 1_048_576).default(0),
  'engine.diskCacheMB': wholeNumber(0, 1_048_576).default(4096),
  'models.directory': z.string().default(''),
  'context.maxTokens': wholeNumber(0, 1_048_576).default(0),
  'context.yarnFactor': z.number().min(1).max(limits.yarnFactorMax).nullable().default(null),
  'model.quantize': z.enum(['off', 'q8', 'q4']).default('off'),
  'chat.temperature': z.number().min(0).max(2).nullable().default(null),
  'chat.topP': z.number().gt(0).max(1).nullable().default(null),
  'chat.topK': wholeNumber(0, 1000).nullable().default(null),
  'chat.minP': z.number().min(0).max(1).nullable().default(null),
  'chat.repetitionPenalty': z.number().gt(0).max(10).nullable().default(null),
  'chat.presencePenalty': z.number().min(-10).max(10).nullable().default(null),
  'chat.maxTokens': wholeNumber(1, 262_144).nullable().default(null),
  'chat.thinking': z.enum(['auto', 'on', 'off']).default('auto'),
  'chat.thinkingTokens': wholeNumber(0, 262_144).nullable().default(null),
  'chat.useWorkspace': z.boolean().default(true),
  'chat.attachActiveEditor': z.boolean().default(true),
  'chat.useInstructionFiles': z.boolean().default(true),
  'codeActions.enabled': z.boolean().default(true),
  'workspace.exclude': z.array(z.string()).default(defaultExcludes),
  'workspace.maxFileSizeKB': wholeNumber(1, limits.fileBytesMax / 1024).default(limits.fileBytesUsual / 1024),
  'workspace.readAheadOnBattery': z.boolean().default(false),
  'workspace.maxTokens': wholeNumber(1, 1_048_576).nullable().default(null),
  'completion.enabled': z.boolean().default(true),
  'completion.languages': z
    .record(z.string(), z.boolean())
    .default({ '*': true, plaintext: false, markdown: false }),
  'completion.multiline': z.enum(['auto', 'always', 'never']).default('auto'),
  'completion.maxTokens': wholeNumber(1, limits.completionTokensMax).default(limits.completionTokensUsual),
  'completion.debounceMs': wholeNumber(0, 5000).default(0),
  'completion.neighbourFiles': wholeNumber(0, 10).default(1),
} as const;

export type SettingName = keyof typeof settingSchemas;
export type Settings = { [Name in SettingName]: z.output<(typeof settingSchemas)[Name]> };
export const settingNames = Object.keys(settingSchemas) as SettingName[];

/** Checks every setting; `warn` is called for each one that is replaced by its default. */
export function readSettings(
  get: (name: SettingName) => unknown,
  warn: (name: SettingName, message: string) => void,
): Settings {
  const read = <Name extends SettingName>(name: Name): unknown => {
    const value = get(name);
    const result = settingSchemas[name].safeParse(value);
    if (result.success) return result.data;
    const fallback = settingSchemas[name].parse(undefined);
    const why = result.error.issues.map(issue => issue.message).join('; ');
    const fault = t('The setting "hearth.{0}" cannot be {1} ({2}).', name, JSON.stringify(value), why);
    const instead =
      fallback === null ? t('It counts as not set.') : t('{0} is used instead.', JSON.stringify(fallback));
    warn(name, `${fault} ${instead}`);
    return fallback;
  };
  return Object.fromEntries(settingNames.map(name => [name, read(name)])) as Settings;
}

/** Whether completions are on for a language: its own entry, else "*". */
export function isLanguageEnabled(languages: Settings['completion.languages'], languageId: string): boolean {
  return languages[languageId] ?? languages['*'] ?? true;
}
