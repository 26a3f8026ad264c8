// One measurement, in a process of its own: `node measure.js '{...}'` prints a line of JSON.
import { connectSubject, type Subject, type SubjectName } from './subjects.ts';

/** What is measured. */
export interface Measurement {
  readonly subject: SubjectName;
  readonly host: string;
  readonly operation: 'get' | 'set';
  /** Operations in flight. */
  readonly window: number;
  readonly seconds: number;
}

/** What came out. */
export interface Measured {
  readonly operations: number;
  readonly elapsedMs: number;
  /** Of this process, per operation. */
  readonly cpuUsPerOperation: number;
}

const DATA = Buffer.alloc(100, 'x');
const WARM_UP_MS = 1_000;

async function keepInFlight(
  subject: Subject,
  { operation, window }: Measurement,
  path: string,
  milliseconds: number,
): Promise<number> {
  const untilMs = performance.now() + milliseconds;
  let operations = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      await (operation === 'get' ? subject.get(path) : subject.set(path, DATA));
      operations++;
    }
  };
  await Promise.all(Array.from({ length: window }, lane));
  return operations;
}

async function measure(measurement: Measurement): Promise<Measured> {
  const subject = await connectSubject(measurement.subject, measurement.host);
  const path = `/bench-client-${process.pid}`;
  await subject.create(path, DATA);
  await keepInFlight(subject, measurement, path, WARM_UP_MS);
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const operations = await keepInFlight(subject, measurement, path, measurement.seconds * 1_000);
  const elapsedMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  await subject.remove(path);
  await subject.close();
  return { operations, elapsedMs, cpuUsPerOperation: (user + system) / operations };
}

const measured = await measure(JSON.parse(process.argv[2]!) as Measurement);
process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit());
