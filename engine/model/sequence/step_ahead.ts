// A step that the device has begun with its own pick before the host asked for it. Until the host asks, it does not count as read.
import type { PendingRead } from '../../gpu/readback.ts';
import type { StepSampling } from '../../language_model/language_model.ts';

/** How far a sequence is. */
export interface Standing {
  /** Tokens read. */
  position: number;
  /** Those that the delta states have taken in. */
  committed: number;
  /** Rows of the MTP block's cache that hold what was really read; the rest wait for their token or are guesses. */
  mtpRows: number;
  /** Which of the two tensors holds the delta states, where there are two. */
  side: 0 | 1;
}

/** A step that was submitted. */
export interface BegunStep {
  /** Position of the id that it reads, but for the drafts of the step before that turn out right. */
  start: number;
  drafts: number;
  /** Its drafts and picks lie apart, and the device itself says how many are right. */
  isApart: boolean;
  /** The sequence's ids after it. */
  answer: PendingRead;
}

/** What a step reads, and how it picks. */
export interface StepKey {
  id: number;
  drafts: number;
  sampling: StepSampling | undefined;
}

/** A step that begins with the device's own pick. */
export interface StepAhead {
  key: StepKey;
  step: BegunStep;
  /** Drafts of the step before that are right. */
  accepted: number;
  /** The sequence after it, had none been right. */
  after: Standing;
}

/** Where the sequence stands once the step counts. */
export function standingAfter({ key, accepted, after }: StepAhead): Standing {
  return {
    position: after.position + accepted,
    committed: after.committed + accepted,
    mtpRows: after.mtpRows + (key.drafts > 0 ? accepted : 0),
    side: after.side,
  };
}

/** True when the sequence, at `position`, is to go on as the step did. */
export function isWanted({ key, step, accepted }: StepAhead, wanted: StepKey, position: number): boolean {
  return (
    key.id === wanted.id &&
    key.drafts === wanted.drafts &&
    key.sampling === wanted.sampling &&
    step.start + accepted === position
  );
}
