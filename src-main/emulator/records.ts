/** Records are kept in segments, which stay where they are, so that no growth has to move them. */
const SEGMENT_RECORDS: u32 = 1 << 12;
const SEGMENT_SHIFT: u32 = 12;
const INITIAL_SEGMENTS: u32 = 1 << 6;

/** Records, of which the first part is a session's, whose memory is kept for later ones when there are fewer. */
@unmanaged
export class RecordList {
  /** Addresses of the segments, four octets each. */
  segments: usize;
  /** Segments for whose addresses there is room. */
  capacity: u32;
  segmentCount: u32;
  /** Records in all segments. */
  length: u32;
  recordBytes: u32;
}
/** What a processor fetches at once: records begin with such a line, so that the first one of a session is not two. */
const CACHE_LINE: usize = 64;
/** Size of a list, which is empty when it is zero: `changetype<RecordList>(memory.data(RECORD_LIST_BYTES, 8))`. */
export const RECORD_LIST_BYTES: i32 = 24;

/** @returns the address of a record, good as long as the list is as long */
export function recordAt(list: RecordList, index: u32): usize {
  const segment = <usize>load<u32>(list.segments + (index >> SEGMENT_SHIFT) * 4);
  return segment + (index & (SEGMENT_RECORDS - 1)) * list.recordBytes;
}

/** @returns the address of a new last record, of which the caller fills all; all of a list have as many octets */
export function addRecord(list: RecordList, recordBytes: usize): usize {
  list.recordBytes = <u32>recordBytes;
  if (list.length == list.segmentCount << SEGMENT_SHIFT) addSegment(list);
  return recordAt(list, list.length++);
}

function addSegment(list: RecordList): void {
  if (list.segmentCount == list.capacity) {
    const old = list.segments;
    list.capacity = max(INITIAL_SEGMENTS, list.capacity * 2);
    list.segments = heap.alloc(list.capacity * 4);
    if (old != 0) {
      memory.copy(list.segments, old, list.segmentCount * 4);
      heap.free(old);
    }
  }
  const room = heap.alloc(SEGMENT_RECORDS * list.recordBytes + CACHE_LINE - 1);
  const segment = (room + CACHE_LINE - 1) & ~(CACHE_LINE - 1);
  store<u32>(list.segments + list.segmentCount * 4, <u32>segment);
  list.segmentCount++;
}
