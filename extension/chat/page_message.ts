// Checks what the page posts into a typed message. The page shows text of a model and of files: it is not trusted.
import * as z from 'zod';
import { limits } from '../../engine/protocol/limits.ts';
import type { FromPanel } from '../../webview/protocol.ts';

/** Twice the largest message: one that is too long for the engine must still arrive, to be answered with an error. */
const textCharsMax = 2 * limits.messageCharsMax;
const shortCharsMax = 8_192;
const line = z.number().int().min(1);

const pageMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({
    type: z.literal('submit'),
    text: z.string().min(1).max(textCharsMax),
    useWorkspace: z.boolean(),
  }),
  z.strictObject({ type: z.literal('stop') }),
  z.strictObject({ type: z.literal('newChat') }),
  z.strictObject({ type: z.literal('copyCode'), code: z.string().max(textCharsMax) }),
  z.strictObject({ type: z.literal('insertCode'), code: z.string().max(textCharsMax) }),
  z.strictObject({
    type: z.literal('openSource'),
    uri: z.string().max(shortCharsMax),
    startLine: line,
    endLine: line,
  }),
  z.strictObject({ type: z.literal('openLink'), href: z.string().max(shortCharsMax) }),
  z.strictObject({
    type: z.literal('action'),
    action: z.enum([
      'retry',
      'openLog',
      'openSettings',
      'chooseModel',
      'restartEngine',
      'ingestWorkspace',
      'newChat',
    ]),
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
