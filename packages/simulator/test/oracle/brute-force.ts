import type { Model, Operation } from '../../src/oracle/linearizability/model.ts';

/** The definition, word for word: tries every order of every choice of the unanswered operations. */
export function isLinearizableByDefinition<S, I, O>(
  model: Model<S, I, O>,
  operations: readonly Operation<I, O>[],
): boolean {
  const extend = (state: S, left: readonly Operation<I, O>[]): boolean => {
    if (left.every(({ output }) => output === undefined)) return true;
    return left.some((candidate) => {
      const mustComeBefore = left.some(
        (other) => other.output !== undefined && other.endedMs < candidate.invokedMs,
      );
      if (mustComeBefore) return false;
      const after = model.step(state, candidate.input, candidate.output);
      if (after === undefined) return false;
      return extend(
        after,
        left.filter((other) => other !== candidate),
      );
    });
  };
  return extend(model.initial, operations);
}
