# cython: language_level=3, boundscheck=False, wraparound=False
"""What joining.py does, compiled: each segment's bytes are copied once, to where they belong."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_STRIDES, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int64_t
from libc.string cimport memcpy

from rtmpscope.tcp import runs

cdef Py_ssize_t AT = runs.AT, OFFSET = runs.OFFSET, STOP = runs.STOP, VIEW = runs.VIEW


def joined(run not None, tuple views not None):
    if run.dtype != "int64" or run.ndim != 2 or len(run) != runs.WIDTH:
        raise ValueError("no rows of segments")
    cdef Py_buffer rows, one, other
    PyObject_GetBuffer(run, &rows, PyBUF_STRIDES)
    try:
        PyObject_GetBuffer(views[0], &one, PyBUF_SIMPLE)
        try:
            PyObject_GetBuffer(views[1], &other, PyBUF_SIMPLE)
            try:
                return copied(&rows, &one, &other)
            finally:
                PyBuffer_Release(&other)
        finally:
            PyBuffer_Release(&one)
    finally:
        PyBuffer_Release(&rows)


cdef inline int64_t entry(Py_buffer* rows, Py_ssize_t row, Py_ssize_t place) noexcept nogil:
    return (<int64_t*> (<char*> rows.buf + row * rows.strides[0] + place * rows.strides[1]))[0]


cdef bytes copied(Py_buffer* rows, Py_buffer* one, Py_buffer* other):
    cdef Py_ssize_t place, count = rows.shape[1]
    cdef int64_t at, size, left
    cdef Py_buffer* view
    left = entry(rows, STOP, count - 1) - entry(rows, OFFSET, 0) if count else 0
    if left < 0:
        raise ValueError("segments are not in order")
    result = PyBytes_FromStringAndSize(NULL, left)
    cdef char* target = PyBytes_AS_STRING(result)
    for place in range(count):
        at, size = entry(rows, AT, place), entry(rows, STOP, place) - entry(rows, OFFSET, place)
        view = other if entry(rows, VIEW, place) else one
        if at < 0 or size < 0 or size > left or at + size > view.len:
            raise ValueError("segments are not contiguous, or not in their views")
        memcpy(target, <char*> view.buf + at, size)
        target += size
        left -= size
    if left:
        raise ValueError("segments are not contiguous")
    return result
