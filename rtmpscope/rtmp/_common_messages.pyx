# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""What common_messages.py does, compiled; there it is explained.

The state of the chunk streams with one-byte ids is copied when a run begins, and back when it ends.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.string cimport memcmp

from rtmpscope.rtmp.batches import HEAD_BYTES
from rtmpscope.rtmp.believable import LARGEST_LENGTH
from rtmpscope.rtmp.builder import COMPLETE, CONTIGUOUS, EXACT, ROW
from rtmpscope.rtmp.message_types import TYPE_NAMES
from rtmpscope.rtmp.readings import FAR_BACK_MS

cdef enum:
    COLUMNS = 13
    ROWS = 64  # handed on together
    CHANNELS = 64  # those with a one-byte id
    EXTENDED = 0xFFFFFF
    LARGEST_HEADER = 12
    EXTENDED_HEADER = 16
    LAST_CHUNK_CONTROL = 2

cdef int64_t head_bytes = HEAD_BYTES
cdef int64_t largest_length = LARGEST_LENGTH
cdef int64_t far_back_ms = FAR_BACK_MS
cdef int64_t whole = COMPLETE | CONTIGUOUS
cdef int64_t exact = EXACT
cdef bint named[256]
for number in range(256):
    named[number] = number in TYPE_NAMES
assert ROW.size == COLUMNS * sizeof(int64_t)


cdef struct State:
    bint usable, changed, extended, absolute
    int64_t timestamp, time, length, type_id, stream_id, epoch, step


def common_messages(bytes data not None, int64_t at, bytearray rows not None, dict channels not None, partials, stand):
    cdef State states[CHANNELS]
    cdef State* channel
    cdef int64_t table[ROWS * COLUMNS]
    cdef int64_t* row
    cdef const uint8_t* wire = data
    cdef int64_t base = stand.base, size = stand.chunk_size, epoch = stand.epoch
    cdef bint cut = stand.cut, unsure = stand.repeats is None, repeats = bool(stand.repeats), extended
    cdef int64_t stop = len(data), last = stop - LARGEST_HEADER
    cdef int64_t time, length, type_id, body, more, end, fmt, again, previous, count = 0
    cdef uint8_t first
    take_states(states, channels, partials)
    while 0 <= at <= last:
        first = wire[at]
        channel = &states[first & 0x3F]
        if not channel.usable:
            break
        length, type_id = channel.length, channel.type_id
        extended = False
        if first >= 0xC0:
            fmt, body, time = 3, at + 1, channel.time
            if channel.extended or channel.absolute:
                break
        else:
            time = big_endian_24(wire + at + 1)
            extended = time == EXTENDED
            if extended and (first >= 0x40 or at + EXTENDED_HEADER > stop):
                break
            if first >= 0x80:
                fmt, body = 2, at + 4
            else:
                length, type_id = big_endian_24(wire + at + 4), wire[at + 7]
                if epoch and (not named[type_id] or length >= largest_length):
                    break
                if first >= 0x40:
                    fmt, body = 1, at + 8
                elif extended:
                    fmt, body, time = 0, at + EXTENDED_HEADER, big_endian_32(wire + at + 12)
                elif cut or channel.timestamp - time > far_back_ms:
                    break
                else:
                    fmt, body = 0, at + 12
        if type_id <= LAST_CHUNK_CONTROL:
            break
        if length <= size:
            more, end = 0, body + length
            if end > stop:
                break
        else:
            if extended and unsure:
                break
            again = 4 if extended and repeats else 0
            more = (length - 1) // size
            end = body + length + more * (1 + again)
            if end > stop or size < head_bytes:
                break
            if not stand_at(wire, body + size, end, size + 1 + again, first | 0xC0):
                break
            if again and not stand_there(wire, body + size + 1, end, size + 1 + again, wire + body - 4):
                break
        channel.changed = True
        if fmt:
            channel.timestamp += time
        else:
            previous = channel.timestamp
            if channel.epoch >= 0 and (extended or not 0 <= previous < 1 << 30):
                channel.timestamp = unwrapped(previous, time)
            else:
                channel.timestamp = time
            channel.epoch = epoch
            if extended:
                channel.step = channel.timestamp - previous
            channel.stream_id = little_endian_32(wire + at + 8)
        if fmt < 3:
            channel.time, channel.extended, channel.absolute = time, extended, fmt == 0
            channel.length, channel.type_id = length, type_id
        row = &table[count * COLUMNS]
        row[0], row[1], row[2], row[3] = base + at, base + end, first & 0x3F, fmt
        row[4], row[5], row[6], row[7] = type_id, channel.stream_id, channel.timestamp, length
        row[8], row[9], row[10] = more + 1, end - at - length, 0
        row[11], row[12] = whole | exact if channel.epoch == epoch else whole, body
        count += 1
        if count == ROWS:
            rows += (<const char*> table)[: sizeof(table)]
            count = 0
        at = end
    rows += (<const char*> table)[: count * COLUMNS * sizeof(int64_t)]
    give_states(states, channels)
    return at


cdef int take_states(State* states, dict channels, partials) except -1:
    cdef int csid
    cdef State* state
    for csid in range(CHANNELS):  # of all that there are, it may be thousands
        state = &states[csid]
        state.usable = state.changed = False
        channel = channels.get(csid)
        if channel is None or csid in partials:
            continue
        state.timestamp, state.time, state.epoch = channel.timestamp, channel.time, channel.epoch
        state.length, state.type_id, state.stream_id = channel.length, channel.type_id, channel.stream_id
        state.extended, state.absolute, state.step = channel.extended, channel.absolute, channel.step
        state.usable = True
    return 0


cdef int give_states(State* states, dict channels) except -1:
    cdef int csid
    cdef State* state
    for csid in range(CHANNELS):
        state = &states[csid]
        if state.changed:
            channel = channels[csid]
            channel.timestamp, channel.time, channel.epoch = state.timestamp, state.time, state.epoch
            channel.length, channel.type_id, channel.stream_id = state.length, state.type_id, state.stream_id
            channel.extended, channel.absolute, channel.step = bool(state.extended), bool(state.absolute), state.step
    return 0


cdef inline int64_t big_endian_24(const uint8_t* at) noexcept nogil:
    return at[0] << 16 | at[1] << 8 | at[2]


cdef inline int64_t big_endian_32(const uint8_t* at) noexcept nogil:
    return <int64_t> at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3]


cdef inline int64_t little_endian_32(const uint8_t* at) noexcept nogil:
    return at[0] | at[1] << 8 | at[2] << 16 | <int64_t> at[3] << 24


cdef inline int64_t unwrapped(int64_t previous, int64_t raw) noexcept nogil:
    cdef int64_t step = <int32_t> <uint32_t> (raw - previous)
    if -(1 << 30) < step < 1 << 30:
        return previous + step
    return ((previous if previous > 0 else 0) >> 32 << 32) + raw


cdef inline bint stand_at(const uint8_t* wire, int64_t first, int64_t end, int64_t stride, uint8_t byte) noexcept nogil:
    while first < end:
        if wire[first] != byte:
            return False
        first += stride
    return True


cdef inline bint stand_there(
    const uint8_t* wire, int64_t first, int64_t end, int64_t stride, const uint8_t* extension
) noexcept nogil:
    while first < end:
        if memcmp(wire + first, extension, 4):
            return False
        first += stride
    return True
