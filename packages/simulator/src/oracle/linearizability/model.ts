/** Something that was asked for and, perhaps, answered. */
export interface Operation<I, O> {
  readonly input: I;
  /** undefined: indeterminate. It may have happened at any time after it was asked for, or not at all. */
  readonly output: O | undefined;
  readonly invokedMs: number;
  /** When it was answered; of no meaning when it was not. */
  readonly endedMs: number;
  /**
   * Indeterminate operations with the same label do the same as far as anybody can tell: it does not
   * matter which of them happened, so only the one that was asked for first is tried. Without it,
   * many unanswered writes take for ever.
   */
  readonly label?: string | undefined;
  /**
   * It has an effect in fewer states than others that lead to the same state: where it has, it is
   * preferred, because the others are as good later.
   */
  readonly isNarrow?: boolean | undefined;
}

/** What the object does when operations come one after the other. */
export interface Model<S, I, O> {
  readonly initial: S;
  /**
   * The state afterwards; undefined when `input` can't be answered with `output` in `state`. With an
   * unknown output, what it does if it happens then.
   */
  step(state: S, input: I, output: O | undefined): S | undefined;
  /** Equal where states are. */
  keyOf(state: S): string;
}

export type Verdict<I, O> =
  | { readonly verdict: 'linearizable' }
  /** The longest order that could be found, and the operations that no order puts behind it. */
  | {
      readonly verdict: 'notLinearizable';
      readonly longest: readonly Operation<I, O>[];
      readonly stuck: readonly Operation<I, O>[];
    }
  /** Too many orders were tried. */
  | { readonly verdict: 'undecided' };
