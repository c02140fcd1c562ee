# cython: language_level=3, boundscheck=False, wraparound=False
"""What ``step`` in stepping.py does, compiled; there it is explained."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int64_t, uint8_t

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define PREFETCH(at) __builtin_prefetch(at)
    #else
    #define PREFETCH(at) ((void) 0)
    #endif
    """
    void PREFETCH(const void* at) noexcept nogil

cdef enum:
    PLACES = 512  # handed on together
    AHEAD = 4  # pairs of records


def places(data, int64_t position, int64_t stop, shape):
    cdef bint little = shape.order == "<"
    cdef int64_t uncounted = shape.uncounted, length_at = shape.length_at
    cdef int64_t least = shape.least, last_kind = shape.last_kind
    cdef int64_t table[PLACES]
    cdef int64_t length, ahead, before = position, pair = position, count = 0
    cdef Py_buffer view
    found = bytearray()
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    cdef const uint8_t* wire = <const uint8_t*> view.buf
    try:
        if position < stop and (position < 0 or stop > view.len - length_at - 3):
            raise ValueError("records beyond the data")
        while position < stop:
            length = word(wire + position + length_at, little)
            if length < least or word(wire + position, little) == last_kind:
                break
            table[count] = position
            count += 1
            if count == PLACES:
                found += (<const char*> table)[: sizeof(table)]
                count = 0
            # Data and acknowledgements alternate, as a rule, with equal lengths: there a record is likely to begin.
            ahead = position + AHEAD * (position - pair)
            if ahead < stop:
                PREFETCH(wire + ahead)
            pair, before = before, position
            position += uncounted + length
    finally:
        PyBuffer_Release(&view)
    found += (<const char*> table)[: count * sizeof(int64_t)]
    return found, position


cdef inline int64_t word(const uint8_t* at, bint little) noexcept nogil:
    if little:
        return at[0] | at[1] << 8 | at[2] << 16 | <int64_t> at[3] << 24
    return <int64_t> at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3]
