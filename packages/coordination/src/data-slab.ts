import { DATA_PAGE_BYTES, SLAB_DATA_BYTES_MAX, SLOT_BYTES } from './limits.ts';

/**
 * Where the data of a znode is. Small data shares pages with that of other znodes: an array of its
 * own would cost three times as much as 100 bytes. The znode holds its page, so nothing else needs
 * to be asked to read it.
 */
export interface DataPlace {
  /** null: no data. Otherwise the data is the whole of it, or in one of its slots. */
  page: Uint8Array | null;
  /** WHOLE_PAGE, or slot * LENGTH_CODES + length. */
  dataCode: number;
}

export const WHOLE_PAGE = -1;
/** More than the length of any data in a slot. */
const LENGTH_CODES = 1024;
const NO_BYTES = new Uint8Array(0);

/** Slots of one size. */
class SlotClass {
  private readonly slotBytes: number;
  private readonly slotsPerPage: number;
  private page: Uint8Array = NO_BYTES;
  /** Slots of `page` that were never used. */
  private unused = 0;
  /** Slots that were freed: their pages, and where in them. */
  private freePages: Uint8Array[] = [];
  private freeSlots: number[] = [];
  /** Slots in use. */
  private live = 0;

  constructor(slotBytes: number) {
    this.slotBytes = slotBytes;
    this.slotsPerPage = Math.floor(DATA_PAGE_BYTES / slotBytes);
  }

  put(place: DataPlace, data: Uint8Array): void {
    this.live++;
    let slot = this.freeSlots.pop();
    let page: Uint8Array;
    if (slot === undefined) {
      if (this.unused === 0) this.addPage();
      page = this.page;
      slot = this.slotsPerPage - this.unused--;
    } else {
      page = this.freePages.pop()!;
    }
    page.set(data, slot * this.slotBytes);
    place.page = page;
    place.dataCode = slot * LENGTH_CODES + data.length;
  }

  free(page: Uint8Array, slot: number): void {
    this.live--;
    if (this.live === 0) return this.forget();
    this.freePages.push(page);
    this.freeSlots.push(slot);
  }

  /** With the last znode of this size its pages go. */
  private forget(): void {
    this.page = NO_BYTES;
    this.unused = 0;
    this.freePages = [];
    this.freeSlots = [];
  }

  private addPage(): void {
    this.page = new Uint8Array(DATA_PAGE_BYTES);
    this.unused = this.slotsPerPage;
  }
}

/**
 * Keeps the data of the znodes of one tree. A slot that is freed is used again for data of about
 * the same length; whoever has read data may not look at it after the next command.
 */
export class DataSlab {
  private readonly classes: SlotClass[] = [];

  constructor() {
    for (let bytes = SLOT_BYTES; bytes <= SLAB_DATA_BYTES_MAX; bytes += SLOT_BYTES) {
      this.classes.push(new SlotClass(bytes));
    }
  }

  /** Copies `data` to a new place, which `place` tells from now on. */
  put(place: DataPlace, data: Uint8Array | null): void {
    if (data !== null && data.length > 0 && data.length <= SLAB_DATA_BYTES_MAX) {
      this.classes[classOf(data.length)]!.put(place, data);
      return;
    }
    // Not slice(): that of a subclass may be a view, which would be neither a copy nor aligned.
    place.page = data === null ? null : data.length === 0 ? NO_BYTES : new Uint8Array(data);
    place.dataCode = WHOLE_PAGE;
  }

  /** Copies `data` to where the former data is, if it fits there. */
  overwrite(place: DataPlace, data: Uint8Array | null): boolean {
    const { page, dataCode } = place;
    if (page === null || data === null) return false;
    if (dataCode === WHOLE_PAGE) {
      if (page.length !== data.length) return false;
      page.set(data);
      return true;
    }
    const length = dataCode % LENGTH_CODES;
    if (data.length === 0 || classOf(data.length) !== classOf(length)) return false;
    page.set(data, offsetOf(dataCode));
    place.dataCode = dataCode - length + data.length;
    return true;
  }

  /** The data is not needed any more. */
  free({ page, dataCode }: DataPlace): void {
    if (page === null || dataCode === WHOLE_PAGE) return;
    const length = dataCode % LENGTH_CODES;
    this.classes[classOf(length)]!.free(page, Math.floor(dataCode / LENGTH_CODES));
  }
}

/** A view of the data, not a copy. */
export function dataAt({ page, dataCode }: DataPlace): Uint8Array | null {
  if (page === null || dataCode === WHOLE_PAGE) return page;
  const offset = offsetOf(dataCode);
  return page.subarray(offset, offset + (dataCode % LENGTH_CODES));
}

export function dataLengthAt({ page, dataCode }: DataPlace): number {
  if (dataCode !== WHOLE_PAGE) return dataCode % LENGTH_CODES;
  return page === null ? 0 : page.length;
}

function classOf(length: number): number {
  return Math.floor((length - 1) / SLOT_BYTES);
}

function offsetOf(dataCode: number): number {
  const slotBytes = (classOf(dataCode % LENGTH_CODES) + 1) * SLOT_BYTES;
  return Math.floor(dataCode / LENGTH_CODES) * slotBytes;
}
