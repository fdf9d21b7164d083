// Checks what the page posts into a typed message. The page shows text of a model and of files: it is not trusted.
import * as z from 'zod';
import { limits } from '../../engine/protocol/limits.ts';
import { panelActions, type Attach, type FromPanel, type ModelsAction } from '../../webview/protocol.ts';

/** Twice the largest message: one that is too long for the engine must still arrive, to be answered with an error. */
const textCharsMax = 2 * limits.messageCharsMax;
const shortCharsMax = 8_192;
/** Names of repositories have at most 200 characters; addresses of their pages some more. */
const referenceCharsMax = 1_000;
/** A picture or another file in base64; the page hands over no larger one. */
const contentCharsMax = 8 * 1024 * 1024;
/** Paths of one message, and the length of each. */
const pathsMax = 64;
const pathCharsMax = 1_024;
const line = z.number().int().min(1);
const symbolName = z.string().min(1).max(limits.symbolCharsMax);

const id = z.string().min(1).max(shortCharsMax);
const ofModel = z.object({ modelId: id });
const ofDownload = z.object({ downloadId: id });
const kind = <Kind extends ModelsAction['kind']>(name: Kind) => ({ kind: z.literal(name) });

const modelsAction = z.discriminatedUnion('kind', [
  z.strictObject(kind('close')),
  ofModel.extend(kind('use')).strict(),
  ofModel.extend(kind('verify')).strict(),
  ofModel.extend(kind('reveal')).strict(),
  ofModel.extend(kind('remove')).strict(),
  z.strictObject({ ...kind('download'), entryId: id, label: id }),
  z.strictObject({ ...kind('downloadFound'), label: id }),
  ofDownload.extend(kind('pause')).strict(),
  ofDownload.extend(kind('resume')).strict(),
  ofDownload.extend(kind('cancel')).strict(),
  z.strictObject({ ...kind('lookUp'), reference: z.string().min(1).max(referenceCharsMax) }),
  z.strictObject(kind('addFile')),
  z.strictObject(kind('addFolder')),
  z.strictObject(kind('importFolder')),
  z.strictObject(kind('token')),
  z.strictObject(kind('folderSetting')),
  z.strictObject(kind('dismissProblem')),
]) satisfies z.ZodType<ModelsAction>;

const codeFromAnswer = {
  code: z.string().max(textCharsMax),
  language: z.string().max(shortCharsMax),
  path: z.string().min(1).max(shortCharsMax).optional(),
  before: z.string().max(shortCharsMax).optional(),
};

const uri = z.string().min(1).max(shortCharsMax);
const placesMax = 200;
const attach = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['selection', 'problems', 'changes', 'terminal']) }),
  z.strictObject({ kind: z.enum(['file', 'folder']), uri }),
  z.strictObject({
    kind: z.literal('symbol'),
    uri,
    name: z.string().max(shortCharsMax),
    startLine: line,
    endLine: line,
  }),
  z.strictObject({ kind: z.literal('places'), uris: z.array(uri).min(1).max(placesMax) }),
  z.strictObject({ kind: z.literal('paste'), text: z.string().min(1).max(textCharsMax) }),
  z.strictObject({
    kind: z.literal('content'),
    name: z.string().max(shortCharsMax),
    mimeType: z.string().max(shortCharsMax),
    bytes: z.number().min(0),
    data: z.base64().max(contentCharsMax).optional(),
  }),
]) satisfies z.ZodType<Attach>;

const pageMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('ready'),
    log: id.optional(),
    seen: z.number().int().min(0).optional(),
  }),
  z.strictObject({
    type: z.literal('submit'),
    text: z.string().min(1).max(textCharsMax),
    useWorkspace: z.boolean(),
  }),
  z.strictObject({ type: z.literal('focused'), focused: z.boolean() }),
  z.strictObject({ type: z.literal('stop') }),
  z.strictObject({ type: z.literal('answerNow') }),
  z.strictObject({ type: z.literal('goOn'), turnId: id }),
  z.strictObject({
    type: z.literal('chooseThinking'),
    think: z.boolean().optional(),
    effort: id.optional(),
  }),
  z.strictObject({ type: z.literal('newChat') }),
  z.strictObject({ type: z.literal('history') }),
  z.strictObject({
    type: z.literal('edit'),
    turnId: id,
    text: z.string().min(1).max(textCharsMax),
    useWorkspace: z.boolean(),
    attachmentIds: z.array(id).max(placesMax),
    attach: z.array(attach).max(placesMax),
  }),
  z.strictObject({ type: z.literal('editAnswer'), turnId: id, text: z.string().min(1).max(textCharsMax) }),
  z.strictObject({ type: z.literal('attach'), what: attach }),
  z.strictObject({
    type: z.literal('attached'),
    action: z.enum(['remove', 'open', 'toText']),
    attachmentId: id,
  }),
  z.strictObject({
    type: z.literal('findPlaces'),
    kind: z.enum(['file', 'folder', 'symbol']),
    query: z.string().max(shortCharsMax),
  }),
  z.strictObject({ type: z.literal('switchBranch'), turnId: id }),
  z.strictObject({ type: z.literal('nameBranch'), turnId: id }),
  z.strictObject({ type: z.literal('compareBranch'), turnId: id }),
  z.strictObject({
    type: z.literal('queued'),
    action: z.enum(['send', 'edit', 'remove']),
    queuedId: id,
  }),
  z.strictObject({ type: z.literal('summarise') }),
  z.strictObject({ type: z.literal('compact'), text: z.string().min(1).max(textCharsMax) }),
  z.strictObject({ type: z.literal('models'), action: modelsAction }),
  z.strictObject({ type: z.literal('copyCode'), code: z.string().max(textCharsMax) }),
  z.strictObject({ type: z.literal('previewDiagram'), code: z.string().max(textCharsMax) }),
  z.strictObject({ type: z.literal('insertCode'), ...codeFromAnswer }),
  z.strictObject({ type: z.literal('applyCode'), ...codeFromAnswer }),
  z.strictObject({ type: z.literal('newFile'), ...codeFromAnswer }),
  z.strictObject({ type: z.literal('runInTerminal'), ...codeFromAnswer }),
  z.strictObject({
    type: z.literal('openSource'),
    uri: z.string().max(shortCharsMax),
    startLine: line,
    endLine: line,
  }),
  z.strictObject({
    type: z.literal('findPaths'),
    paths: z
      .array(z.strictObject({ path: z.string().min(1).max(pathCharsMax), near: z.boolean() }))
      .min(1)
      .max(pathsMax),
  }),
  z.strictObject({
    type: z.literal('openPath'),
    path: z.string().min(1).max(pathCharsMax),
    line: line.optional(),
    column: line.optional(),
    endLine: line.optional(),
  }),
  z.strictObject({
    type: z.literal('findSymbols'),
    turnId: id,
    symbols: z
      .array(z.strictObject({ name: symbolName, near: z.boolean() }))
      .min(1)
      .max(limits.symbolsAskedMax),
  }),
  z.strictObject({ type: z.literal('openSymbol'), name: symbolName }),
  z.strictObject({ type: z.literal('openLink'), href: z.string().max(shortCharsMax) }),
  z.strictObject({
    type: z.literal('action'),
    action: z.enum(panelActions),
    turnId: z.string().max(shortCharsMax).optional(),
  }),
]) satisfies z.ZodType<FromPanel>;

/** The message, or why it is none. */
export function readPageMessage(value: unknown): { message: FromPanel } | { fault: string } {
  const result = pageMessage.safeParse(value);
  return result.success
    ? { message: result.data }
    : { fault: result.error.issues.map(issue => issue.message).join('; ') };
}

/** Only http and https may leave the editor. */
export function isWebLink(href: string): boolean {
  return URL.canParse(href) && /^https?:$/.test(new URL(href).protocol);
}
