import { describe, expect, test } from 'vitest';
import { createLogger, type LogSettings } from '../src/logger.ts';

function linesOf(settings: LogSettings, use: (log: ReturnType<typeof createLogger>) => void) {
  const lines: string[] = [];
  const sink = { write: (line: string) => lines.push(line), nowMs: () => 0 };
  use(createLogger(settings, 'server', sink));
  return lines;
}

describe('the log', () => {
  test('is one line of text per message', () => {
    const lines = linesOf({ level: 'info', format: 'text' }, (log) => {
      log.info('client connected', { address: '127.0.0.1:9', note: 'two words', none: undefined });
      log.area('raft').warn('slow', { error: new Error('disk'), ids: [1, 2] });
    });
    expect(lines).toEqual([
      '1970-01-01T00:00:00.000Z INFO  server: client connected address=127.0.0.1:9 note="two words"\n',
      '1970-01-01T00:00:00.000Z WARN  raft: slow error=disk ids="[ 1, 2 ]"\n',
    ]);
  });

  test('drops what is below its level', () => {
    const lines = linesOf({ level: 'error', format: 'text' }, (log) => {
      log.debug('a');
      log.info('b');
      log.warn('c');
      log.error('d');
    });
    expect(lines).toEqual(['1970-01-01T00:00:00.000Z ERROR server: d\n']);
  });

  test('cannot be made to hold lines of somebody else', () => {
    const lines = linesOf({ level: 'info', format: 'text' }, (log) => {
      log.info('path\n1970 INFO forged', { value: 'a\nb' });
    });
    expect(lines[0]?.split('\n')).toHaveLength(2);
  });

  test('is one JSON object a line when that is asked for', () => {
    const lines = linesOf({ level: 'info', format: 'json' }, (log) => {
      log.info('slow', { error: new Error('disk'), level: 'forged', big: 5n });
    });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        time: '1970-01-01T00:00:00.000Z',
        level: 'info',
        area: 'server',
        message: 'slow',
        error: { name: 'Error', message: 'disk' },
        big: '5',
      },
    ]);
  });
});
