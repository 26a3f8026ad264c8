import { describe, expect, it } from 'vitest';
import { CANARY, HARMLESS, MUTANTS } from './catalogue.ts';
import { originalSource, patchedSources, tryMutant } from './workbench.ts';

const ALL = [CANARY, ...HARMLESS, ...MUTANTS];

describe('the catalogue of bugs', () => {
  it('has at least 25, each with a name of its own', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(25);
    expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
  });

  it.each(ALL.map((mutant) => [mutant.name, mutant] as const))(
    'still fits the sources: %s',
    (_name, mutant) => {
      for (const [file, source] of patchedSources(mutant)) {
        expect(source, file).not.toBe(originalSource(file));
      }
    },
  );
});

describe('the bench', { timeout: 120_000 }, () => {
  it('finds the canary with the first seed', async () => {
    expect(await tryMutant(CANARY)).toMatchObject({ kind: 'caught', seeds: 1 });
  });

  it('finds nothing where nothing is wrong', async () => {
    expect(await tryMutant(HARMLESS[0]!, 3)).toEqual({ kind: 'survived', seeds: 3 });
  });

  it('finds a segment whose name is not flushed, which takes some seeds', async () => {
    const mutant = MUTANTS.find(({ name }) => name === 'segment-name-not-flushed')!;
    expect(await tryMutant(mutant)).toMatchObject({ kind: 'caught' });
  });
});
