// What the parent and its children say to each other.

/** A number of cases of one kind, all of them from one seed. */
export interface Job {
  kind: string;
  seed: number;
  runs: number;
  /** Of the child's own, for the files of the case at hand. */
  directory: string;
}

export type Report =
  /** The kinds there are, each with its share of all cases. */
  | { type: 'ready'; kinds: Record<string, number> }
  /** A case begins. */
  | { type: 'case' }
  | {
      type: 'done';
      /** How often each step ended how. */
      outcomes: Record<string, number>;
      /** CPU time of the slowest case, when run a second time if the first took too long. */
      slowestMs: number;
      failure?: string;
    }
  /** The process cannot go on; it ends at once. */
  | { type: 'died'; why: string };
