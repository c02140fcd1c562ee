# cython: language_level=3, boundscheck=False, wraparound=False
"""What plain.py says of plain packets, compiled: their TCP segments as columns, one column behind the other."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef enum:
    ETHERNET_HEADER = 14
    IPV4 = 0x0800
    SMALLEST_HEADER = 20  # of IPv4, and of TCP
    NOT_A_FRAGMENT = 0x3FFF
    TCP = 6
    SYN = 2
    ROW_BYTES = 63  # of the columns below, together

cdef uint64_t V4_MAPPED = <uint64_t> 0xFFFF << 32


cdef struct Columns:
    int64_t* row
    uint64_t* src
    uint64_t* dst
    int64_t* payload_start
    int64_t* payload_captured
    int64_t* payload_length
    uint32_t* seq
    uint32_t* ack
    uint16_t* src_port
    uint16_t* dst_port
    uint16_t* window
    uint8_t* flags


def plain_packets(buffer, start, captured, table):
    cdef Py_buffer data, starts, lengths, found
    PyObject_GetBuffer(buffer, &data, PyBUF_SIMPLE)
    try:
        PyObject_GetBuffer(start, &starts, PyBUF_SIMPLE)
        try:
            PyObject_GetBuffer(captured, &lengths, PyBUF_SIMPLE)
            try:
                PyObject_GetBuffer(table, &found, PyBUF_WRITABLE)
                try:
                    return packets(&data, &starts, &lengths, &found)
                finally:
                    PyBuffer_Release(&found)
            finally:
                PyBuffer_Release(&lengths)
        finally:
            PyBuffer_Release(&starts)
    finally:
        PyBuffer_Release(&data)


cdef int64_t packets(Py_buffer* data, Py_buffer* starts, Py_buffer* lengths, Py_buffer* found) except -1:
    cdef int64_t row, count = starts.len // sizeof(int64_t), plain = 0
    cdef const int64_t* start = <const int64_t*> starts.buf
    cdef const int64_t* captured = <const int64_t*> lengths.buf
    cdef Columns columns = laid_out(found.buf, count)
    if starts.len != lengths.len or found.len < count * ROW_BYTES:
        raise ValueError("columns of different lengths")
    for row in range(count):
        if start[row] < 0 or captured[row] < 0 or start[row] + captured[row] > data.len:
            raise ValueError("packets beyond the buffer")
        if read(&columns, plain, <const uint8_t*> data.buf, start[row], captured[row]):
            columns.row[plain] = row
            plain += 1
    return plain


cdef Columns laid_out(void* memory, int64_t count) noexcept:
    cdef Columns columns
    columns.row = <int64_t*> memory
    columns.src = <uint64_t*> (columns.row + count)
    columns.dst = columns.src + count
    columns.payload_start = <int64_t*> (columns.dst + count)
    columns.payload_captured = columns.payload_start + count
    columns.payload_length = columns.payload_captured + count
    columns.seq = <uint32_t*> (columns.payload_length + count)
    columns.ack = columns.seq + count
    columns.src_port = <uint16_t*> (columns.ack + count)
    columns.dst_port = columns.src_port + count
    columns.window = columns.dst_port + count
    columns.flags = <uint8_t*> (columns.window + count)
    return columns


cdef inline bint read(Columns* columns, int64_t at, const uint8_t* data, int64_t start, int64_t captured) noexcept nogil:
    """Put a packet's segment at a place of the columns, if it is plain."""
    cdef const uint8_t* ip = data + start + ETHERNET_HEADER
    cdef const uint8_t* tcp
    cdef int64_t there = captured - ETHERNET_HEADER, length, header
    if there < SMALLEST_HEADER or half(ip - 2) != IPV4 or ip[0] >> 4 != 4 or ip[9] != TCP:
        return False
    header, length = (ip[0] & 15) * 4, half(ip + 2)
    if header < SMALLEST_HEADER or length < header or half(ip + 6) & NOT_A_FRAGMENT:
        return False
    there, length = min(there, length) - header, length - header
    tcp = ip + header
    if there < SMALLEST_HEADER or tcp[13] & SYN:
        return False
    header = (tcp[12] >> 4) * 4
    if header < SMALLEST_HEADER or header > length:
        return False
    columns.src[at], columns.dst[at] = word(ip + 12) | V4_MAPPED, word(ip + 16) | V4_MAPPED
    columns.src_port[at], columns.dst_port[at] = half(tcp), half(tcp + 2)
    columns.seq[at], columns.ack[at] = word(tcp + 4), word(tcp + 8)
    columns.flags[at], columns.window[at] = tcp[13], half(tcp + 14)
    columns.payload_start[at] = tcp - data + min(header, there)
    columns.payload_captured[at] = max(there - header, 0)
    columns.payload_length[at] = length - header
    return True


cdef inline uint16_t half(const uint8_t* at) noexcept nogil:
    return at[0] << 8 | at[1]


cdef inline uint32_t word(const uint8_t* at) noexcept nogil:
    return <uint32_t> at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3]
