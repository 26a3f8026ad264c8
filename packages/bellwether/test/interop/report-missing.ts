import { REQUIREMENTS } from './requirements.ts';

/** Before the tests of `npm run test:interop`: what can't be tried on this machine, and how it could. */
export function setup(): void {
  const present = REQUIREMENTS.filter(({ missing }) => missing === undefined);
  const absent = REQUIREMENTS.filter(({ missing }) => missing !== undefined);
  const names = ['node-zookeeper-client', ...present.map(({ name }) => name)];
  console.log(`\ninterop: here are ${names.join(', ')}`);
  for (const { name, missing, howToGet } of absent) {
    console.log(`interop: skipped: ${name}: ${missing}\n         get it with: ${howToGet}`);
  }
  console.log('');
}
