import { assert } from './assert.ts';

/** ZooKeeper's default jute.maxbuffer, the largest frame that either side takes: 1 MiB - 1. */
export const FRAME_BYTES_MAX_DEFAULT = 0xf_ffff;
/** The first allocation of a JuteWriter that is told nothing else. */
export const WRITER_BYTES_INITIAL = 1024;
/** A JuteWriter that is told nothing else never grows beyond this. */
export const WRITER_BYTES_MAX = 1024 * 1024 * 1024;
/** Length of a session's password, as ZooKeeper makes them. */
export const PASSWORD_BYTES = 16;

assert(WRITER_BYTES_INITIAL < FRAME_BYTES_MAX_DEFAULT, 'a writer starts smaller than a frame');
assert(FRAME_BYTES_MAX_DEFAULT < WRITER_BYTES_MAX, 'a writer can hold many frames');
