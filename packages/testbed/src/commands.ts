import { execFile, execFileSync } from 'node:child_process';

/** A program that does not come to its end by then never will. */
const TIMEOUT_MS = 10_000;

/**
 * Runs a program of the system to its end.
 *
 * @param input what it reads
 * @returns what it has written
 * @throws with the command and what the program said
 */
export function run(program: string, args: readonly string[], input = ''): string {
  try {
    return execFileSync(program, args, {
      input,
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      stdio: 'pipe',
    });
  } catch (error) {
    throw failureOf(program, args, error);
  }
}

/** The same without holding up whoever asks. */
export function runLater(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { encoding: 'utf8', timeout: TIMEOUT_MS } as const;
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(failureOf(program, args, { ...error, stderr }));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

function failureOf(program: string, args: readonly string[], error: unknown): Error {
  const { stderr, code, message } = error as Partial<NodeJS.ErrnoException & { stderr: string }>;
  const said = (stderr ?? '').trim();
  const why = code === 'ENOENT' ? 'is not installed' : said === '' ? message : said;
  return new Error(`${[program, ...args].join(' ')}: ${why}`, { cause: error });
}
