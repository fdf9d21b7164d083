// From what the hub says of a repository to what the model page shows of it. Pure.
import type { LookUpView, VariantView } from '../../../webview/protocol.ts';
import { t } from '../../l10n.ts';
import type { RepositoryChoice, RepositoryFacts } from '../look_up.ts';
import type { FileFacts, InstalledFile } from '../transfer/model_on_disk.ts';
import { atCommit, filesView, fitView, mayNeedToken, variantState } from './view_parts.ts';
import type { ViewSource } from './view_source.ts';

/** The part of the page about any repository. */
export function lookUpView(source: ViewSource): LookUpView {
  const { state, reference, facts, problem } = source.lookUp;
  return {
    state,
    reference,
    title: facts ? atCommit(facts.repository, facts.revision) : '',
    notes: facts ? notesOf(facts) : [],
    variants: facts ? facts.choices.map(choice => foundVariant(choice, facts, source)) : [],
    problem: problem && { message: problem.message, remedy: problem.remedy },
    needsToken: mayNeedToken(problem),
  };
}

function notesOf({ licence, gated, textOnly, unsupportedArchitecture, choices }: RepositoryFacts): string[] {
  return [
    licence === undefined ? t('It names no licence.') : t('Licence: {0}', licence),
    ...(gated ? [t('Its licence must be accepted on its page first, and an access token be set here.')] : []),
    ...(textOnly
      ? [t('Hearth uses the text part of this model only: it cannot look at pictures here.')]
      : []),
    ...(unsupportedArchitecture === undefined
      ? []
      : [t('Hearth does not run models of architecture "{0}".', unsupportedArchitecture)]),
    ...choices.flatMap(({ unreadQuantization: method }) =>
      method === undefined
        ? []
        : [t('Its .safetensors files are quantised ({0}) in a way that Hearth does not read.', method)],
    ),
    ...(choices.length === 0 ? [t('It holds no files that Hearth can use.')] : []),
  ];
}

function foundVariant(choice: RepositoryChoice, facts: RepositoryFacts, source: ViewSource): VariantView {
  const { bytes, advice, files } = choice;
  const { repository } = facts;
  const model = source.library.installed.find(
    ({ origin, files: own }) =>
      origin.kind === 'hub' && origin.repository === repository && areSame(own, files),
  );
  const names = files.map(({ name }) => name).join('\n');
  const arriving = source.library.downloads.some(
    download =>
      download.phase !== 'done' &&
      download.repository === repository &&
      download.choice?.kind === 'repository' &&
      download.choice.files.join('\n') === names,
  );
  const state = variantState(model, arriving, source);
  const useless = facts.unsupportedArchitecture !== undefined || choice.unreadQuantization !== undefined;
  const unusable = useless && state.state === 'available';
  return {
    label: choiceLabel(choice, facts),
    bytes,
    bytesKnown: true,
    fit: advice && fitView(advice),
    state: unusable ? 'unusable' : state.state,
    modelId: state.modelId,
    files: filesView(files, facts),
  };
}

/** Whether an installed model has these files: by name, and by what is in them where the hub says it. */
function areSame(own: readonly InstalledFile[], listed: readonly FileFacts[]): boolean {
  const isOne = ({ name, sha256 }: InstalledFile, file: FileFacts): boolean =>
    (file.name === name || file.name.endsWith(`/${name}`)) &&
    (sha256 === undefined || file.sha256 === undefined || sha256 === file.sha256);
  return own.length === listed.length && own.every(one => listed.some(file => isOne(one, file)));
}

/** A name for a choice that no other of the repository has. */
export function choiceLabel(choice: RepositoryChoice, { choices }: RepositoryFacts): string {
  const alone = choices.filter(({ label }) => label === choice.label).length === 1;
  return alone ? choice.label : `${choice.label} (${choice.files[0]?.name ?? ''})`;
}
