import { expect, test } from 'vitest';
import { textbookPrediction } from '../src/textbook.ts';

test('gives the figures of the textbook', () => {
  const prediction = textbookPrediction({
    heartbeatMs: 1_000,
    electionMs: 1_000,
    synchronisationMs: 2_000,
    periodMs: 100_000,
  });
  expect(prediction.detectionMs).toBe(500);
  expect(prediction.recoveryMs).toBe(3_500);
  expect(prediction.downtimeMs).toBe(4_000);
  expect(prediction.availability).toBeCloseTo(0.96, 12);
});
