/** 1: it could not be done. 2: it was asked for wrongly (arguments, configuration). */
export type FailureCode = 1 | 2;

/** What a person can understand and correct: shown as its message alone, without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: FailureCode;

  constructor(message: string, exitCode: FailureCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
