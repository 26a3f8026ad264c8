import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LIMITS } from '../src/limits.ts';
import type { ToService } from '../src/thread/messages.ts';
import { News } from '../src/thread/news.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const event = (text: string) => ({ type: 'event', text }) as const;

function fixture() {
  const told: ToService[] = [];
  let reports = 0;
  const status = () => event(`status ${(reports += 1)}`);
  return { told, news: new News((message) => told.push(message), status) };
}

it('tells all news of a moment together, and the status once, as it is then', () => {
  const { told, news } = fixture();
  news.addStatus();
  news.add(event('lost'));
  news.addStatus();
  news.add(event('found'));
  vi.advanceTimersByTime(LIMITS.newsMs - 1);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([event('lost'), event('found'), event('status 1')]);
  vi.advanceTimersByTime(1000);
  expect(told).toHaveLength(3);
  news.add(event('lost again'));
  vi.advanceTimersByTime(LIMITS.newsMs);
  expect(told.slice(3)).toEqual([event('lost again')]);
});

it('tells at once what there is when it is asked to, and not again', () => {
  const { told, news } = fixture();
  news.add(event('last'));
  news.tell();
  expect(told).toEqual([event('last')]);
  vi.advanceTimersByTime(1000);
  expect(told).toHaveLength(1);
});
