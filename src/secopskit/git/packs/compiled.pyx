# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The inner loops over a pack: headers, the forest of deltas, deltas applied, heirs of hits.

Everything read here comes from a file that anybody may have written. Array indices are not checked by
the compiler, so each function first checks what it is given, and every read of the pack, of a delta, or of a
content is preceded by a comparison with its end. `compiled.pyi` describes the functions for Python.
"""
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
from libc.string cimport memchr, memcmp, memcpy, memset

ctypedef unsigned char u8
ctypedef long long i64

cdef enum:
    OFS_DELTA = 6
    REF_DELTA = 7
    NO_BASE = -1
    BASE_BY_ID = -2
    LOST_BASE = -3
    HEAD = 12  # bytes before the first object of a pack
    DEEPEST = 4095  # the longest chain that git writes
    HEAVIEST = 0x7FFFFFFF  # what a single object counts at most, so that no sum overflows


class PackError(ValueError):
    """A pack says something that cannot be. The message tells what, and never any content."""


# --- tables -----------------------------------------------------------------------------------

cdef struct Placed:
    i64 offset
    int position


cdef int _compare_placed(const void* a, const void* b) noexcept nogil:
    cdef i64 x = (<const Placed*>a).offset, y = (<const Placed*>b).offset
    return (x > y) - (x < y)


def by_offset(const i64[::1] offsets, i64[::1] ordered, int[::1] positions):
    cdef Py_ssize_t i, n = offsets.shape[0]
    if ordered.shape[0] != n or positions.shape[0] != n: raise ValueError("arrays of different lengths")
    cdef Placed* placed = <Placed*>malloc((n + 1) * sizeof(Placed))
    if placed == NULL: raise MemoryError
    for i in range(n):
        placed[i].offset = offsets[i]; placed[i].position = <int>i
    qsort(placed, n, sizeof(Placed), _compare_placed)
    for i in range(n):
        ordered[i] = placed[i].offset; positions[i] = placed[i].position
    free(placed)


cdef int _width = 0  # of the ids that `repeated` compares


cdef int _compare_ids(const void* a, const void* b) noexcept nogil:
    cdef const u8* x = (<const u8**>a)[0]
    cdef const u8* y = (<const u8**>b)[0]
    cdef int order = memcmp(x, y, _width)
    return order if order else (x > y) - (x < y)


def repeated(const u8[::1] ids, int width):
    global _width
    cdef Py_ssize_t i, n
    if width <= 0 or ids.shape[0] < width: return b""
    n = ids.shape[0] // width
    cdef bytes flags = bytes(n)
    cdef char* flag = PyBytes_AS_STRING(flags)
    cdef const u8** at = <const u8**>malloc((n + 1) * sizeof(void*))
    if at == NULL: raise MemoryError
    for i in range(n): at[i] = &ids[0] + i * width
    _width = width
    qsort(at, n, sizeof(void*), _compare_ids)
    for i in range(1, n):
        if memcmp(at[i - 1], at[i], width) == 0: flag[(at[i] - &ids[0]) // width] = 1
    free(at)
    return flags


def others(const u8[::1] ids, const u8[::1] again, int width, bytes only not None):
    global _width
    cdef Py_ssize_t i, low, high, middle, n = again.shape[0], m = PyBytes_GET_SIZE(only) // max(width, 1)
    if width <= 0 or ids.shape[0] != n * width: raise ValueError("arrays of different lengths")
    cdef bytes flags = bytes(n)
    cdef char* flag = PyBytes_AS_STRING(flags)
    cdef const u8** at = <const u8**>malloc((m + 1) * sizeof(void*))
    if at == NULL: raise MemoryError
    for i in range(m): at[i] = <const u8*>PyBytes_AS_STRING(only) + i * width
    _width = width
    qsort(at, m, sizeof(void*), _compare_ids)
    for i in range(n):
        low = 0; high = m
        while low < high:
            middle = (low + high) >> 1
            if memcmp(at[middle], &ids[i * width], width) < 0: low = middle + 1
            else: high = middle
        flag[i] = again[i] or low == m or memcmp(at[low], &ids[i * width], width) != 0
    free(at)
    return flags


def strangers(const u8[::1] asked, int width, const u8[::1] ids, const int[::1] numbers, const u8[::1] kinds, int kind):
    cdef Py_ssize_t i, at, left = 0, n = numbers.shape[0]
    if width <= 0 or ids.shape[0] != n * width or kinds.shape[0] != n: raise ValueError("arrays of different lengths")
    cdef u8* own = <u8*>calloc(n + 1, 1)
    cdef char* out = <char*>malloc(asked.shape[0] + 1)
    try:
        if own == NULL or out == NULL: raise MemoryError
        for i in range(n):
            if 0 <= numbers[i] < n: own[numbers[i]] = kinds[i] == kind
        for i in range(asked.shape[0] // width):
            at = _find_id(&ids[0], n, &asked[i * width], width)
            if at < 0 or not own[at]:
                memcpy(out + left, &asked[i * width], width)
                left += width
        return PyBytes_FromStringAndSize(out, left)
    finally:
        free(own); free(out)


cdef Py_ssize_t _first(const i64* ascending, Py_ssize_t n, i64 least) noexcept nogil:
    """The index of the first of ascending values that is `least` or more; `n` if there is none."""
    cdef Py_ssize_t low = 0, high = n, middle
    while low < high:
        middle = (low + high) >> 1
        if ascending[middle] < least: low = middle + 1
        else: high = middle
    return low


cdef Py_ssize_t _find(const i64* ascending, Py_ssize_t n, i64 value) noexcept nogil:
    """The index of a value in ascending ones, or -1."""
    cdef Py_ssize_t at = _first(ascending, n, value)
    return at if at < n and ascending[at] == value else -1


cdef Py_ssize_t _find_id(const u8* ids, Py_ssize_t n, const u8* oid, int width) noexcept nogil:
    """The index of an id in ascending ones, or -1."""
    cdef Py_ssize_t low = 0, high = n, middle
    while low < high:
        middle = (low + high) >> 1
        if memcmp(ids + middle * width, oid, width) < 0: low = middle + 1
        else: high = middle
    return low if low < n and memcmp(ids + low * width, oid, width) == 0 else -1


cdef struct Header:
    int kind
    i64 size  # inflated
    i64 start  # of the deflated data
    i64 back  # bytes from the object back to its base


cdef bint _header(const u8* pack, i64 at, i64 end, int width, Header* header) noexcept nogil:
    """Read the header at `at`, of which no byte lies at `end` or behind; whether it can be one."""
    cdef i64 p = at, size, back = 0
    cdef int shift = 4
    cdef u8 c
    if p < HEAD or p >= end: return False
    c = pack[p]; p += 1
    header.kind = (c >> 4) & 7
    size = c & 15
    while c & 0x80:
        if p >= end or shift > 53: return False
        c = pack[p]; p += 1
        size |= <i64>(c & 0x7F) << shift; shift += 7
    if header.kind == OFS_DELTA:
        if p >= end: return False
        c = pack[p]; p += 1
        back = c & 0x7F
        while c & 0x80:
            if p >= end or back >> 53: return False
            c = pack[p]; p += 1
            back = ((back + 1) << 7) | (c & 0x7F)
        if back <= 0 or back > at - HEAD: return False
    elif header.kind == REF_DELTA:
        p += width
    elif header.kind == 0 or header.kind == 5:
        return False
    header.size = size; header.start = p; header.back = back
    return p < end


def headers(const u8[::1] pack, const i64[::1] offsets, int width, const u8[::1] ids, const i64[::1] by_id,
            u8[::1] kinds, u8[::1] heads, i64[::1] sizes, int[::1] bases, Py_ssize_t first, Py_ssize_t last):
    cdef Py_ssize_t i, place, n = offsets.shape[0]
    cdef i64 following, end = pack.shape[0] - width
    cdef Header header
    if width <= 0 or ids.shape[0] != n * width or by_id.shape[0] != n or kinds.shape[0] != n \
            or sizes.shape[0] != n or bases.shape[0] != n or heads.shape[0] != n:
        raise ValueError("arrays of different lengths")
    for i in range(max(first, 0), min(last, n)):
        kinds[i] = 0; heads[i] = 0; sizes[i] = 0; bases[i] = LOST_BASE
        following = min(offsets[i + 1], end) if i + 1 < n else end
        if not _header(&pack[0], offsets[i], following, width, &header): continue
        kinds[i] = header.kind; heads[i] = <u8>(header.start - offsets[i]); sizes[i] = header.size
        if header.kind == OFS_DELTA:
            place = _find(&offsets[0], n, offsets[i] - header.back)
            if place >= 0: bases[i] = <int>place
        elif header.kind == REF_DELTA:
            place = _find_id(&ids[0], n, &pack[header.start - width], width)
            if place >= 0: place = _find(&offsets[0], n, by_id[place])
            if place >= 0: bases[i] = <int>place
        else:
            bases[i] = NO_BASE


def roots(const u8[::1] kinds, const int[::1] bases, const u8[::1] used, int wanted):
    cdef Py_ssize_t i, n = kinds.shape[0]
    cdef list found = []
    if bases.shape[0] != n or used.shape[0] != n: raise ValueError("arrays of different lengths")
    for i in range(n):
        if bases[i] < 0 and used[i] and kinds[i] < 5 and wanted >> kinds[i] & 1: found.append(i)
    return found


def wanted(const int[::1] numbers, const u8[::1] unwanted):
    cdef Py_ssize_t i, n = numbers.shape[0]
    cdef bytearray found = bytearray(n)
    cdef u8[::1] flags = found
    if unwanted.shape[0] != n: raise ValueError("arrays of different lengths")
    for i in range(n):
        if 0 <= numbers[i] < n: flags[i] = not unwanted[numbers[i]]
    return found


def weigh(const int[::1] bases, const u8[::1] wanted, const i64[::1] sizes, i64[::1] weights):
    cdef Py_ssize_t i, root, n = bases.shape[0]
    cdef int steps
    if wanted.shape[0] != n or sizes.shape[0] != n or weights.shape[0] != n: raise ValueError("arrays of different lengths")
    for i in range(n):
        if not wanted[i]: continue
        root = i; steps = 0
        while 0 <= bases[root] < n and steps < DEEPEST:
            root = bases[root]; steps += 1
        weights[i] = sizes[root]


def forest(const int[::1] bases, u8[::1] kinds, i64[::1] weights, u8[::1] used, int[::1] first, int[::1] kids):
    cdef Py_ssize_t i, k, done = 0, n = bases.shape[0]
    cdef int base, kid
    if kinds.shape[0] != n or weights.shape[0] != n or used.shape[0] != n or kids.shape[0] != n \
            or first.shape[0] != n + 1:
        raise ValueError("arrays of different lengths")
    cdef int* order = <int*>malloc((n + 1) * sizeof(int))  # bases before their heirs
    cdef int* depth = <int*>calloc(n + 1, sizeof(int))  # from 1; 0 where no root leads to it
    if order == NULL or depth == NULL:
        free(order); free(depth)
        raise MemoryError
    cdef Py_ssize_t count = 0
    first[0] = 0
    for i in range(n): first[i + 1] = 0
    for i in range(n):
        if 0 <= bases[i] < n: first[bases[i] + 1] += 1
    for i in range(n): first[i + 1] += first[i]
    for i in range(n):  # `depth` serves as the cursor of each base
        if 0 <= bases[i] < n:
            base = bases[i]
            kids[first[base] + depth[base]] = <int>i
            depth[base] += 1
    for i in range(n): depth[i] = 0
    for i in range(n):
        if bases[i] == NO_BASE and 0 < kinds[i] < 5:
            order[count] = <int>i; count += 1
            depth[i] = 1
    while done < count:
        base = order[done]; done += 1
        if depth[base] > DEEPEST: continue
        for k in range(first[base], first[base + 1]):
            kid = kids[k]
            if kinds[kid] < OFS_DELTA: continue
            kinds[kid] = kinds[base]; depth[kid] = depth[base] + 1
            order[count] = kid; count += 1
    for i in range(n):
        if not depth[i]:
            kinds[i] = 0; used[i] = 0
        if weights[i] > HEAVIEST: weights[i] = HEAVIEST
    while count:
        count -= 1
        base = bases[order[count]]
        if base >= 0 and used[order[count]]:
            weights[base] += weights[order[count]]
            used[base] = 1
    free(order); free(depth)


# --- deltas -----------------------------------------------------------------------------------

cdef struct Sizes:
    i64 base
    i64 result


cdef const u8* _sizes(const u8* d, const u8* end, Sizes* sizes) noexcept nogil:
    """Read the two sizes that a delta begins with; where the instructions begin, or NULL."""
    cdef i64 value
    cdef int shift, turn
    cdef u8 c
    for turn in range(2):
        value = 0; shift = 0; c = 0x80
        while c & 0x80:
            if d >= end or shift > 56: return NULL
            c = d[0]; d += 1
            value |= <i64>(c & 0x7F) << shift; shift += 7
        if value < 0: return NULL
        if turn == 0: sizes.base = value
        else: sizes.result = value
    return d


def result_size(bytes delta not None):
    cdef const u8* d = <const u8*>PyBytes_AS_STRING(delta)
    cdef Sizes sizes
    if _sizes(d, d + PyBytes_GET_SIZE(delta), &sizes) == NULL: raise PackError("the sizes of a delta")
    return sizes.result


cdef enum:
    NEAR = 44  # an id that was replaced, of up to 32 bytes, and some more
    NEAR_WINDOW = 10  # equal bytes that tell that nothing has moved
    FAR_STEP = 8  # else something was put in or taken out, a little way off
    FAR_WINDOW = 24
    FAR = 4096
    LITERAL = 127  # the longest insertion
    LONGEST_COPY = 0xFFFFFF
    MOST_DIFFERENCES = 100
    LARGEST_COPY_CODE = 8  # bytes


cdef Py_ssize_t _common(const u8* one, const u8* other, Py_ssize_t most) noexcept nogil:
    """How many bytes at the beginning of both are the same, of `most` that both have."""
    cdef Py_ssize_t at = 0
    while most - at >= 64 and not memcmp(one + at, other + at, 64): at += 64
    while at < most and one[at] == other[at]: at += 1
    return at


cdef Py_ssize_t _found(const u8* text, Py_ssize_t size, const u8* word, Py_ssize_t length) noexcept nogil:
    """Where `word` first stands in `text`, or -1."""
    cdef Py_ssize_t at = 0
    cdef const u8* place
    while size - at >= length:
        place = <const u8*>memchr(text + at, word[0], size - at - length + 1)
        if place == NULL: return -1
        if not memcmp(place, word, length): return place - text
        at = place - text + 1
    return -1


cdef u8* _put_size(u8* out, Py_ssize_t size) noexcept nogil:
    while size >= 0x80:
        out[0] = <u8>(size & 0x7F | 0x80); out += 1
        size >>= 7
    out[0] = <u8>size
    return out + 1


cdef u8* _put_copy(u8* out, Py_ssize_t offset, Py_ssize_t length) noexcept nogil:
    cdef u8* code = out
    cdef int bit
    code[0] = 0x80; out += 1
    for bit in range(4):
        if offset >> 8 * bit & 0xFF:
            code[0] |= <u8>(1 << bit)
            out[0] = <u8>(offset >> 8 * bit & 0xFF); out += 1
    if length != 0x10000:  # which is what no size at all means
        for bit in range(3):
            if length >> 8 * bit & 0xFF:
                code[0] |= <u8>(1 << bit + 4)
                out[0] = <u8>(length >> 8 * bit & 0xFF); out += 1
    return out


def delta(bytes base not None, bytes target not None):
    cdef const u8* one = <const u8*>PyBytes_AS_STRING(base)
    cdef const u8* other = <const u8*>PyBytes_AS_STRING(target)
    cdef Py_ssize_t base_size = PyBytes_GET_SIZE(base), size = PyBytes_GET_SIZE(target)
    cdef Py_ssize_t here = 0, there = 0, total = 0, most = size // 2, length, part, skip, place, left
    cdef Py_ssize_t room = 2 * 10 + most + LITERAL + most // FAR_STEP + LARGEST_COPY_CODE * (size // LONGEST_COPY)
    cdef int differences = 0
    if base_size > 0x7FFFFFFF or size > 0x7FFFFFFF: return None  # `Regions.apply` takes no more
    room += (1 + LARGEST_COPY_CODE) * (MOST_DIFFERENCES + 2)
    cdef u8* begin = <u8*>malloc(room)
    if begin == NULL: raise MemoryError
    cdef u8* out = _put_size(_put_size(begin, base_size), size)
    try:
        while there < size:
            length = _common(one + here, other + there, min(base_size - here, size - there))
            if length:
                there += length
                while length:
                    part = min(length, LONGEST_COPY)
                    out = _put_copy(out, here, part)
                    here += part; length -= part
                continue
            left = size - there
            skip = min(LITERAL, left)
            place = min(here + skip, base_size)
            for part in range(1, min(NEAR, left - NEAR_WINDOW, base_size - here - NEAR_WINDOW) + 1):
                if not memcmp(one + here + part, other + there + part, NEAR_WINDOW):
                    skip = part; place = here + part
                    break
            else:
                for part in range(FAR_STEP, min(LITERAL, left - FAR_WINDOW), FAR_STEP):
                    length = _found(one + here, min(FAR, base_size - here), other + there + part, FAR_WINDOW)
                    if length >= 0:
                        skip = part; place = here + length
                        break
            total += skip; differences += 1
            if total > most or differences > MOST_DIFFERENCES: return None
            out[0] = <u8>skip
            memcpy(out + 1, other + there, skip)
            out += 1 + skip
            here = place; there += skip
        return PyBytes_FromStringAndSize(<char*>begin, out - begin)
    finally:
        free(begin)


cdef struct Window:
    Py_ssize_t low
    Py_ssize_t high


cdef struct Region:
    Py_ssize_t start  # in the buffer
    Py_ssize_t length
    Py_ssize_t low  # where it begins in its object
    int number  # the object's
    bint last  # whether it ends where its object ends


cdef struct Copy:
    int at
    int source
    int length


cdef void* _grown(void* old, Py_ssize_t* room, Py_ssize_t wanted, size_t width) except NULL:
    """`old`, or a larger place for what it holds. Where there is none, `old` stays."""
    cdef Py_ssize_t more = room[0]
    cdef void* new
    if wanted <= more and old != NULL: return old
    while more < wanted: more *= 2
    new = realloc(old, more * width)
    if new == NULL: raise MemoryError
    room[0] = more
    return new


cdef enum:
    # A packed hit: its end in 32 bits, its number in 24, and how far what it came to nothing by reaches before
    # the end and behind it, in steps, 4 bits each. Where nothing is before, it is open.
    NUMBER = 8
    BEFORE = 4
    STEPS = 15
    STEP = 64  # bytes
    MOST_NUMBERS = 1 << 24


cdef class Regions:
    """The places that must be searched, of many objects, in one buffer, each followed by a separator.

    A hit that ends at `e` must depend on the bytes from `e - margin - 1` to `e`, inclusive, and no others.
    """
    cdef char* _buffer
    cdef Region* _regions
    cdef Window* _windows
    cdef Copy* _copies
    cdef Py_ssize_t _size, _room, _count, _region_room, _copy_count, _copy_room, _views
    cdef Py_ssize_t _window_count, _window_room, _made  # by the last delta
    cdef Py_ssize_t _shape[1]
    cdef Py_ssize_t _stride[1]
    cdef readonly Py_ssize_t margin
    cdef readonly bytes separator

    def __cinit__(self, Py_ssize_t margin, bytes separator not None = b"\n\0\n"):
        if not 0 <= margin < 1 << 30: raise ValueError("a margin")
        self.margin = margin; self.separator = separator
        self._room = self._region_room = self._window_room = self._copy_room = 1 << 10
        self._buffer = <char*>_grown(NULL, &self._room, 1, 1)
        self._regions = <Region*>_grown(NULL, &self._region_room, 1, sizeof(Region))
        self._windows = <Window*>_grown(NULL, &self._window_room, 1, sizeof(Window))
        self._made = -1
        self._copies = <Copy*>_grown(NULL, &self._copy_room, 1, sizeof(Copy))

    def __dealloc__(self):
        free(self._buffer); free(self._regions); free(self._windows); free(self._copies)

    def __len__(self):
        return self._size

    def __getbuffer__(self, Py_buffer* view, int flags):
        self._shape[0] = self._size; self._stride[0] = 1
        view.buf = self._buffer; view.obj = self; view.len = self._size; view.itemsize = 1
        view.readonly = 1; view.ndim = 1; view.format = NULL
        view.shape = self._shape; view.strides = self._stride; view.suboffsets = NULL; view.internal = NULL
        self._views += 1

    def __releasebuffer__(self, Py_buffer* view):
        self._views -= 1

    cdef int _unseen(self) except -1:
        if self._views: raise BufferError("the regions are still being looked at")
        return 0

    def clear(self):
        self._unseen()
        self._size = 0; self._count = 0

    def whole(self, bytes content not None, int number):
        self._unseen()
        self._put(PyBytes_AS_STRING(content), 0, PyBytes_GET_SIZE(content), PyBytes_GET_SIZE(content), number)

    def brought(self, bytes content not None, int number):
        cdef Py_ssize_t k, high, size = PyBytes_GET_SIZE(content)
        self._unseen()
        if size != self._made: raise ValueError("not what the last delta made")
        for k in range(self._window_count):
            high = min(self._windows[k].high, size)
            if high > self._windows[k].low:
                self._put(PyBytes_AS_STRING(content), self._windows[k].low, high, size, number)

    cdef int _put(
        self, const char* content, Py_ssize_t low, Py_ssize_t high, Py_ssize_t size, int number
    ) except -1:
        cdef Py_ssize_t n = high - low, gap = PyBytes_GET_SIZE(self.separator)
        self._buffer = <char*>_grown(self._buffer, &self._room, self._size + n + gap, 1)
        self._regions = <Region*>_grown(self._regions, &self._region_room, self._count + 1, sizeof(Region))
        self._regions[self._count] = Region(self._size, n, low, number, high == size)
        self._count += 1
        memcpy(self._buffer + self._size, content + low, n)
        memcpy(self._buffer + self._size + n, PyBytes_AS_STRING(self.separator), gap)
        self._size += n + gap
        return 0

    cdef int _widen(self, Py_ssize_t low, Py_ssize_t high) except -1:
        """Note that the bytes from `low` to `high` must be searched; places come in their order."""
        cdef Py_ssize_t k = self._window_count
        low = max(low - self.margin - 1, 0); high += self.margin + 1
        if k and low <= self._windows[k - 1].high:
            self._windows[k - 1].high = max(high, self._windows[k - 1].high)
            return 0
        self._windows = <Window*>_grown(self._windows, &self._window_room, k + 1, sizeof(Window))
        self._windows[k] = Window(low, high)
        self._window_count = k + 1
        return 0

    cdef int _note_copy(self, Py_ssize_t at, Py_ssize_t source, Py_ssize_t length) except -1:
        self._copies = <Copy*>_grown(self._copies, &self._copy_room, self._copy_count + 1, sizeof(Copy))
        self._copies[self._copy_count] = Copy(<int>at, <int>source, <int>length)
        self._copy_count += 1
        return 0

    def apply(self, bytes base not None, bytes delta not None, Py_ssize_t most):
        cdef const u8* d = <const u8*>PyBytes_AS_STRING(delta)
        cdef const u8* end = d + PyBytes_GET_SIZE(delta)
        cdef const char* source = PyBytes_AS_STRING(base)
        cdef Py_ssize_t base_size = PyBytes_GET_SIZE(base), at = 0, o, n
        cdef Py_ssize_t last = 0  # where in the base the last copy ended; -1 behind an insertion
        cdef Sizes sizes
        cdef u8 c
        cdef int bit
        self._copy_count = 0; self._window_count = 0; self._made = -1
        d = _sizes(d, end, &sizes)
        if d == NULL or sizes.base != base_size: raise PackError("the sizes of a delta")
        if sizes.result > min(most, 0x7FFFFFFF) or base_size > 0x7FFFFFFF: raise PackError("a result too large")
        cdef bytes result = PyBytes_FromStringAndSize(NULL, sizes.result)
        cdef char* out = PyBytes_AS_STRING(result)
        while d < end:
            c = d[0]; d += 1
            if c & 0x80:
                o = 0; n = 0
                for bit in range(7):
                    if c >> bit & 1:
                        if d >= end: raise PackError("a copy that is cut off")
                        if bit < 4: o |= <Py_ssize_t>d[0] << 8 * bit
                        else: n |= <Py_ssize_t>d[0] << 8 * (bit - 4)
                        d += 1
                if n == 0: n = 0x10000
                if n > base_size - o or n > sizes.result - at: raise PackError("a copy beyond an end")
                memcpy(out + at, source + o, n)
                if o == last and self._copy_count:  # it goes on where the last one ended
                    self._copies[self._copy_count - 1].length += <int>n
                else:
                    if o != last: self._widen(at, at)
                    self._note_copy(at, o, n)
                last = o + n
            else:
                n = c
                if n == 0 or n > end - d or n > sizes.result - at: raise PackError("an insertion beyond an end")
                memcpy(out + at, d, n)
                d += n
                self._widen(at, at + n)
                last = -1
            at += n
        if at != sizes.result: raise PackError("less than the size of the result")
        if last >= 0 and last != base_size: self._widen(at, at)
        self._made = at
        return result

    def copies(self):
        return PyBytes_FromStringAndSize(<char*>self._copies, self._copy_count * sizeof(Copy))

    cdef Py_ssize_t _region_at(self, Py_ssize_t at) noexcept:
        """The last region that begins at `at` or before. There is one."""
        cdef Py_ssize_t low = 0, high = self._count, middle
        while high - low > 1:
            middle = (low + high) >> 1
            if self._regions[middle].start <= at: low = middle
            else: high = middle
        return low

    def place(self, list hits not None):
        cdef Py_ssize_t n = len(hits), k = 0, end, own
        cdef int number, current = -1
        cdef Region* region
        cdef list groups = []
        cdef i64* found = <i64*>malloc((n + 1) * sizeof(i64))
        if found == NULL: raise MemoryError
        try:
            for number, end in hits:
                if not 0 < end <= self._size or not 0 <= number < MOST_NUMBERS: raise ValueError("a hit outside of the regions")
                region = &self._regions[self._region_at(end - 1)]
                own = end - region.start
                if own > region.length: continue  # it ends in a separator
                if region.low and own - self.margin - 1 < 0: continue  # its beginning may not be seen here
                if not region.last and own == region.length: continue  # nor what follows it
                if region.number != current:
                    if k: groups.append((current, _packed(found, k)))
                    current = region.number; k = 0
                found[k] = (<i64>(own + region.low) << 32) | <i64>number << NUMBER
                k += 1
            if k: groups.append((current, _packed(found, k)))
            return groups
        finally:
            free(found)


cdef int _compare_hits(const void* a, const void* b) noexcept nogil:
    cdef i64 x = (<const i64*>a)[0], y = (<const i64*>b)[0]
    return (x > y) - (x < y)


cdef bytes _packed(i64* found, Py_ssize_t n):
    """Hits in ascending order, each once, and spent if it is so anywhere."""
    cdef Py_ssize_t i, k = 0
    qsort(found, n, sizeof(i64), _compare_hits)
    for i in range(n):
        if k and found[i] >> NUMBER == found[k - 1] >> NUMBER: k -= 1
        found[k] = found[i]; k += 1
    return PyBytes_FromStringAndSize(<char*>found, k * sizeof(i64))


def inherit(bytes old not None, bytes own not None, bytes copies not None, Py_ssize_t margin,
            Py_ssize_t base_size, Py_ssize_t size):
    cdef const i64* hits = <const i64*>PyBytes_AS_STRING(old)
    cdef const Copy* copy = <const Copy*>PyBytes_AS_STRING(copies)
    cdef Py_ssize_t n = PyBytes_GET_SIZE(old) // sizeof(i64), count = PyBytes_GET_SIZE(copies) // sizeof(Copy)
    cdef Py_ssize_t i, at, k = PyBytes_GET_SIZE(own) // sizeof(i64), room = k + n + 1
    cdef i64 begin, stop, first, last, shift, end, from_, to
    cdef bint from_start, to_end, spent
    cdef i64* found = <i64*>malloc(room * sizeof(i64))
    if found == NULL: raise MemoryError
    try:
        memcpy(found, PyBytes_AS_STRING(own), k * sizeof(i64))
        for i in range(count):
            begin = copy[i].source; stop = begin + copy[i].length
            from_start = not begin and not copy[i].at
            to_end = stop == base_size and copy[i].at + copy[i].length == size
            # The ends of hits that depend on no byte outside of the copy.
            first = 0 if from_start else begin + margin + 1
            last = stop if to_end else stop - 1
            shift = <i64>(copy[i].at - copy[i].source) * (1 << 32)
            at = _first(hits, n, begin << 32)
            while at < n and hits[at] >> 32 <= stop:
                end = hits[at] >> 32
                from_ = end - (hits[at] >> BEFORE & STEPS) * STEP; to = end + (hits[at] & STEPS) * STEP
                spent = from_ != end and (from_ >= begin or from_start) and (to <= stop or to_end)
                if spent or first <= end <= last:
                    found = <i64*>_grown(found, &room, k + 1, sizeof(i64))
                    found[k] = (hits[at] if spent else hits[at] & ~<i64>((1 << NUMBER) - 1)) + shift
                    k += 1
                at += 1
        return _packed(found, k)
    finally:
        free(found)


def spend(bytes packed not None, list barren not None):
    cdef Py_ssize_t at, n = PyBytes_GET_SIZE(packed) // sizeof(i64)
    cdef i64 hit
    cdef int number, end, before, behind, most = STEPS * STEP
    cdef bytes spent = PyBytes_FromStringAndSize(PyBytes_AS_STRING(packed), n * sizeof(i64))
    cdef i64* found = <i64*>PyBytes_AS_STRING(spent)
    for number, end, before, behind in barren:
        if not (0 <= number < MOST_NUMBERS and 0 <= end and 0 < before <= most and 0 <= behind <= most):
            raise ValueError("no such hit")
        hit = (<i64>end << 32) | <i64>number << NUMBER
        at = _find(found, n, hit)
        if at >= 0: found[at] |= (before + STEP - 1) // STEP << BEFORE | (behind + STEP - 1) // STEP
    return spent


def opened(bytes packed not None, int below):
    cdef const i64* hits = <const i64*>PyBytes_AS_STRING(packed)
    cdef Py_ssize_t i, n = PyBytes_GET_SIZE(packed) // sizeof(i64)
    cdef int number
    cdef list found = []
    for i in range(n):
        number = <int>(hits[i] >> NUMBER & (MOST_NUMBERS - 1))
        if number < below and not hits[i] >> BEFORE & STEPS: found.append((number, hits[i] >> 32))
    return found


def chosen(bytes packed not None, int least, object also):
    cdef const i64* hits = <const i64*>PyBytes_AS_STRING(packed)
    cdef Py_ssize_t i, k = 0, n = PyBytes_GET_SIZE(packed) // sizeof(i64)
    cdef int number
    cdef i64* found = <i64*>malloc((n + 1) * sizeof(i64))
    if found == NULL: raise MemoryError
    try:
        for i in range(n):
            number = <int>(hits[i] >> NUMBER & (MOST_NUMBERS - 1))
            if not hits[i] >> BEFORE & STEPS and (number >= least or number in also):
                found[k] = hits[i]; k += 1
        return PyBytes_FromStringAndSize(<char*>found, k * sizeof(i64))
    finally:
        free(found)


def kinds(bytes packed not None, int first):
    cdef const i64* hits = <const i64*>PyBytes_AS_STRING(packed)
    cdef Py_ssize_t i, n = PyBytes_GET_SIZE(packed) // sizeof(i64)
    cdef i64 kind, mask = 0
    for i in range(n):
        kind = (hits[i] >> NUMBER & (MOST_NUMBERS - 1)) - first
        if 0 <= kind < 62: mask |= <i64>1 << kind
    return mask


# --- trees ------------------------------------------------------------------------------------

cdef enum:
    LENGTHS = 64  # of names that are told apart at a glance


def tree_entries(bytes data not None, object names, int width):
    cdef const char* text = PyBytes_AS_STRING(data)
    cdef Py_ssize_t size = PyBytes_GET_SIZE(data), at = 0, start, nul, length
    cdef const char* place
    cdef u8[LENGTHS][256] wanted  # by the length of a name, and its last byte
    cdef list found = []
    if not 0 < width <= 64: raise ValueError("a width")
    memset(wanted, 0, sizeof(wanted))
    for name in names:
        length = len(<bytes?>name)
        if length: wanted[min(length, LENGTHS - 1)][<u8>(<bytes>name)[length - 1]] = 1
    while at < size:
        start = at
        while start < size and 0x30 <= text[start] <= 0x37: start += 1
        if start == at: raise PackError("an entry without a mode")
        if start == size or text[start] != 0x20: raise PackError("a mode that is no number")
        start += 1
        place = <const char*>memchr(text + start, 0, size - start)
        if place == NULL or place == text + start: raise PackError("an entry without a name")
        nul = place - text
        if size - nul - 1 < width: raise PackError("an entry without an id")
        length = nul - start
        if wanted[min(length, LENGTHS - 1)][<u8>text[nul - 1]]:
            name = PyBytes_FromStringAndSize(text + start, length)
            if name in names:
                found.append((
                    PyBytes_FromStringAndSize(text + at, start - at - 1), name,
                    PyBytes_FromStringAndSize(text + nul + 1, width), at, nul + 1 + width,
                ))
        at = nul + 1 + width
    return found
