# cython: language_level=3
"""Objects of a pack rebuilt, family by family, and what was found in them handed on to their heirs.

A family of deltas is gone through depth first: only what others are still made from is held. Tables have been
checked against each other when they were put together, and no place of an object is used before it is compared
with their length. `walk.pyi` describes the classes for Python.
"""
cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcmp

from array import array
from collections import OrderedDict

from secopskit.git.packs.compiled import PackError, chosen, inherit, kinds, opened, result_size, spend
from secopskit.git.packs.inflate import checksum, inflated, inflated_beginning
from secopskit.git.packs.unread import Doubtful, LargeObject

ctypedef unsigned char u8
ctypedef long long i64

cdef enum:
    HEAD_SIZE = 8000
    LEAST_PASSED_OVER = 8 * HEAD_SIZE
    MOST_HELD = 1 << 28  # bytes of what others are made from
    # So much is searched at once: it stays in the processor's cache.
    SEARCHED = 4 << 20
    MOST_IN_CHUNK = 64 << 20
    MOST_OBJECTS = 50_000

HEAD = HEAD_SIZE
MOST_REBUILT = 1 << 27
MOST_NUMBERS = 1 << 24


# --- tables -----------------------------------------------------------------------------------

@cython.final
cdef class PackTables:
    cdef object _pack  # a memoryview, of which parts are handed on
    cdef tuple _words
    cdef const u8[::1] _ids, _kinds, _heads, _used, _unwanted
    cdef const i64[::1] _offsets, _sizes
    cdef const unsigned int[::1] _sums
    cdef const int[::1] _numbers, _bases, _first, _kids
    cdef Py_ssize_t _width, _count, _end

    def __init__(
        self, pack not None, Py_ssize_t width, tuple words not None, *, const u8[::1] ids not None,
        const i64[::1] offsets not None, const unsigned int[::1] sums not None, const int[::1] numbers not None,
        const u8[::1] kinds not None, const u8[::1] heads not None, const i64[::1] sizes not None,
        const int[::1] bases not None, const int[::1] first not None, const int[::1] kids not None,
        const u8[::1] used not None, const u8[::1] unwanted not None,
    ):
        cdef Py_ssize_t i, n = numbers.shape[0]
        if width <= 0 or ids.shape[0] != n * width or offsets.shape[0] != n + 1 or sums.shape[0] != n \
                or kinds.shape[0] != n or heads.shape[0] != n or sizes.shape[0] != n or bases.shape[0] != n \
                or first.shape[0] != n + 1 or kids.shape[0] != n or used.shape[0] != n \
                or unwanted.shape[0] not in (0, n):
            raise ValueError("arrays of different lengths")
        for i in range(n):
            if not 0 <= numbers[i] < n or not bases[i] < n or not 0 <= kids[i] < n or kinds[i] >= len(words) \
                    or not 0 <= first[i] <= first[i + 1] <= n:
                raise ValueError("a place beyond the end")
        self._pack = pack; self._end = len(pack); self._words = words; self._width = width; self._count = n
        self._ids = ids; self._offsets = offsets; self._sums = sums; self._numbers = numbers
        self._kinds = kinds; self._heads = heads; self._sizes = sizes; self._bases = bases
        self._first = first; self._kids = kids; self._used = used; self._unwanted = unwanted

    cdef int _check(self, Py_ssize_t place) except -1:
        if not 0 <= place < self._count: raise IndexError("no such object")
        return 0

    cdef bytes _oid(self, Py_ssize_t place):
        return PyBytes_FromStringAndSize(<const char*>&self._ids[self._numbers[place] * self._width], self._width)

    cdef str _kind(self, Py_ssize_t place):
        return self._words[self._kinds[place]]

    cdef bint _is_wanted(self, Py_ssize_t place) except -1:
        return not (self._unwanted.shape[0] and self._unwanted[self._numbers[place]])

    cdef list _heirs(self, Py_ssize_t place, object left_out):
        """The used heirs that are not left out; None where there are none."""
        cdef Py_ssize_t k
        cdef list found = None
        for k in range(self._first[place], self._first[place + 1]):
            if self._used[self._kids[k]]:
                if found is None: found = []
                found.append(self._kids[k])
        if found and left_out: found = [heir for heir in found if heir not in left_out]
        return found or None

    cdef object _deflated(self, Py_ssize_t place):
        """The data of an object behind its header; it is that which the index knows."""
        cdef i64 start = self._offsets[place], end = self._offsets[place + 1]
        if not 0 <= start <= end <= self._end: raise PackError("a place beyond the end")
        packed = self._pack[start:end]
        if <unsigned int>checksum(packed) != self._sums[self._numbers[place]]:
            raise PackError("it is not what the index says")
        return packed[self._heads[place]:]

    cdef bytes _content(self, Py_ssize_t place):
        packed = self._deflated(place)
        if self._sizes[place] > MOST_REBUILT: raise PackError("it is too large")
        return inflated(packed, self._sizes[place])

    cdef list _chain(self, Py_ssize_t place):
        """What an object is made from, step by step, itself first. Tables of a forest have no circles."""
        cdef list found = [place]
        while self._bases[place] >= 0 and len(found) <= self._count:
            place = self._bases[place]
            found.append(place)
        return found

    def oid(self, Py_ssize_t place):
        self._check(place)
        return self._oid(place).hex()

    def is_wanted(self, Py_ssize_t place):
        self._check(place)
        return self._is_wanted(place)

    def heirs(self, Py_ssize_t place):
        self._check(place)
        return self._heirs(place, None) or []


# --- families ---------------------------------------------------------------------------------

@cython.final
@cython.no_gc
@cython.freelist(64)
cdef class Rebuilt:
    cdef PackTables _pack
    cdef Py_ssize_t _place
    cdef list _heirs
    cdef readonly bytes content
    cdef readonly Py_ssize_t size
    cdef readonly bint wanted
    cdef public object known

    @property
    def binary_oid(self):
        return self._pack._oid(self._place)


def nothing(_kind, _head):
    return False


@cython.final
cdef class FamilyWalk:
    cdef object _regions, _passed_over, _start
    cdef Py_ssize_t _limit, _least, _held
    cdef PackTables _pack
    cdef list _stack
    cdef Rebuilt _base
    cdef bint _fresh
    cdef readonly list large, doubtful

    def __init__(self, regions, Py_ssize_t limit, passed_over=nothing):
        self._regions = regions; self._limit = limit; self._passed_over = passed_over
        # Below this size, it is done with quickest if nothing is asked.
        self._least = min(limit + 1, LEAST_PASSED_OVER if passed_over is not nothing else limit + 1)
        self._stack = []; self.large = []; self.doubtful = []

    def begin(self, PackTables pack not None, start):
        pack._check(start.place)
        for heir in start.heirs: pack._check(heir)
        self._pack = pack; self._start = start
        self._stack.clear()
        self._held = 0; self._fresh = True

    def family(self, PackTables pack not None, start):
        self.begin(pack, start)
        made = self._next()
        while made is not None:
            yield made, self._base
            made = self._next()

    def fill(self, ReadChunk chunk not None):
        made = self._next()
        while made is not None:
            chunk._take(made, self._base)
            if chunk._is_full(): return False
            made = self._next()
        return True

    cdef Rebuilt _next(self):
        """The next object of the family, whose base is `_base` if that came before it; None at the end."""
        cdef Rebuilt base, made
        cdef Py_ssize_t place
        self._base = None
        if self._fresh:
            self._fresh = False
            made = self._first()
            if made is not None: self._hold(made)
            return made
        while self._stack:
            base = self._stack[-1]
            if base._heirs is None:
                self._stack.pop()
                self._held -= PyBytes_GET_SIZE(base.content)
                continue
            place = base._heirs.pop()
            if not base._heirs: base._heirs = None
            if self._held > MOST_HELD:
                self._doubt(place, "too much would have to be held")
                continue
            made = self._made(place, base)
            if made is not None:
                if made._heirs is not None: self._hold(made)
                self._base = base
                return made
        return None

    cdef _hold(self, Rebuilt made):
        self._stack.append(made)
        self._held += PyBytes_GET_SIZE(made.content)

    cdef Rebuilt _first(self):
        cdef PackTables pack = self._pack
        cdef Py_ssize_t place = self._start.place
        cdef bint own = not self._start.heirs and pack._is_wanted(place)
        cdef list heirs = list(self._start.heirs) or pack._heirs(place, self._start.left_out)
        try:
            if heirs is None and pack._bases[place] < 0 and pack._sizes[place] >= self._least:
                if pack._sizes[place] > self._limit:
                    self._tell_large(place, pack._sizes[place])
                    return None
                head = inflated_beginning(pack._deflated(place), HEAD)
                if self._passed_over(pack._kind(place), head):
                    return self._rebuilt(place, head, None, own, pack._sizes[place])
            return self._judged(place, self._whole(place), heirs, own)
        except PackError as error:
            for one in self._start.heirs or (place,): self._doubt(one, str(error))
            return None

    cdef bytes _whole(self, Py_ssize_t place):
        """The content of an object, from the beginning of its chain on."""
        cdef list chain = self._pack._chain(place)
        cdef bytes content = self._pack._content(chain.pop())
        while chain: content = self._regions.apply(content, self._pack._content(chain.pop()), MOST_REBUILT)
        return content

    cdef Rebuilt _made(self, Py_ssize_t place, Rebuilt base):
        """What the delta at `place` makes of its base, unless it cannot be made or need not."""
        cdef bytes delta
        cdef Py_ssize_t size
        cdef list heirs = self._pack._heirs(place, self._start.left_out)
        try:
            delta = self._pack._content(place)
            if heirs is None:
                size = result_size(delta)
                if size > self._limit:
                    self._tell_large(place, size)
                    return None
            content = self._regions.apply(base.content, delta, MOST_REBUILT)
        except PackError as error:
            self._doubt(place, str(error))
            return None
        return self._judged(place, content, heirs, self._pack._is_wanted(place))

    cdef Rebuilt _judged(self, Py_ssize_t place, bytes content, list heirs, bint own):
        cdef Py_ssize_t size = PyBytes_GET_SIZE(content)
        cdef bint large = size > self._limit
        if large and own: self._tell_large(place, size)
        return self._rebuilt(place, content, heirs, own and not large, size)

    cdef Rebuilt _rebuilt(self, Py_ssize_t place, bytes content, list heirs, bint wanted, Py_ssize_t size):
        cdef Rebuilt made = Rebuilt.__new__(Rebuilt)
        made._pack = self._pack; made._place = place; made._heirs = heirs
        made.content = content; made.size = size; made.wanted = wanted
        return made

    cdef _tell_large(self, Py_ssize_t place, Py_ssize_t size):
        if self._pack._is_wanted(place):
            self.large.append(LargeObject(self._pack._oid(place).hex(), self._pack._kind(place), size))

    cdef _doubt(self, Py_ssize_t place, str reason):
        """Leave an object to git, with all that is made from it here."""
        cdef list todo = [place]
        while todo:
            place = todo.pop()
            if self._pack._is_wanted(place): self.doubtful.append(Doubtful(self._pack._oid(place).hex(), reason))
            todo += self._pack._heirs(place, self._start.left_out) or []


# --- single objects ----------------------------------------------------------------------------

@cython.final
cdef class HeldBases:
    cdef object _contents  # by numbers, those used last at the end
    cdef Py_ssize_t _size, _most, _numbers

    def __init__(self, Py_ssize_t most):
        self._contents = OrderedDict(); self._most = most

    cdef Py_ssize_t _room_for(self, Py_ssize_t count):
        """The first of so many numbers that nobody else has."""
        cdef Py_ssize_t first = self._numbers
        self._numbers += count
        return first

    cdef bytes _taken(self, Py_ssize_t number):
        """What is held by a number, and longest from now on; None if nothing is."""
        found = self._contents.get(number)
        if found is not None: self._contents.move_to_end(number)
        return found

    cdef int _hold(self, Py_ssize_t number, bytes content) except -1:
        self._contents[number] = content
        self._size += PyBytes_GET_SIZE(content)
        while self._size > self._most: self._size -= len(self._contents.popitem(False)[1])
        return 0


@cython.final
cdef class PackLookup:
    cdef PackTables _pack
    cdef object _regions
    cdef const int[::1] _places  # by the numbers of ids
    cdef HeldBases _held
    cdef Py_ssize_t _first  # what is held of this pack has numbers from here on

    def __init__(self, PackTables pack not None, regions not None, HeldBases held not None):
        cdef Py_ssize_t place
        cdef int[::1] places = array("i", bytes(4 * pack._count))
        for place in range(pack._count): places[pack._numbers[place]] = <int>place
        self._pack = pack; self._regions = regions; self._places = places
        self._held = held; self._first = held._room_for(pack._count)

    cdef Py_ssize_t _place(self, bytes oid) except -2:
        """The place of an object; -1 if it is not here."""
        cdef PackTables pack = self._pack
        cdef Py_ssize_t low = 0, high = pack._count, middle
        cdef int order
        if PyBytes_GET_SIZE(oid) != pack._width: raise ValueError("an id")
        while low < high:
            middle = (low + high) >> 1
            order = memcmp(&pack._ids[middle * pack._width], PyBytes_AS_STRING(oid), pack._width)
            if not order: return self._places[middle]
            if order < 0: low = middle + 1
            else: high = middle
        return -1

    def read(self, bytes oid not None):
        cdef PackTables pack = self._pack
        cdef Py_ssize_t place = self._place(oid)
        if place < 0: return None
        if not pack._kinds[place]: raise PackError("its header, or that of a base, is damaged")
        return pack._kind(place), self._content(place)

    cdef bytes _content(self, Py_ssize_t place):
        cdef PackTables pack = self._pack
        cdef list chain = []
        cdef bytes content = self._held._taken(self._first + place)
        while content is None:
            chain.append(place)
            if pack._bases[place] < 0: break
            if len(chain) > pack._count: raise PackError("a chain without end")
            place = pack._bases[place]
            content = self._held._taken(self._first + place)
        while chain:
            place = chain.pop()
            if content is None: content = pack._content(place)
            else: content = self._regions.apply(content, pack._content(place), MOST_REBUILT)
            if pack._first[place] < pack._first[place + 1]: self._held._hold(self._first + place, content)
        return content


# --- chunks -----------------------------------------------------------------------------------

@cython.final
@cython.no_gc
@cython.freelist(64)
cdef class ReadObject:
    cdef PackTables _pack
    cdef Py_ssize_t _place
    cdef str _oid
    cdef readonly str kind
    cdef readonly bytes content
    cdef readonly bint searched
    cdef readonly Py_ssize_t size

    @property
    def oid(self):
        if self._oid is None: self._oid = self._pack._oid(self._place).hex()
        return self._oid


@cython.final
@cython.no_gc
@cython.freelist(64)
cdef class _Known:
    """What was found in an object: packed hits, once its chunk is settled. The rest is of use until then."""
    cdef bytes hits, copies
    cdef Py_ssize_t size
    cdef _Known base
    cdef ReadObject read  # None where the object only counts for its heirs


@cython.final
@cython.no_gc
cdef class FoundObject:
    cdef _Known _known
    cdef readonly ReadObject read

    def hits(self, below=MOST_NUMBERS):
        return opened(self._known.hits, below)

    def kinds(self, int first):
        return kinds(self._known.hits, first)

    def chosen(self, int least, also):
        return chosen(self._known.hits, least, also)

    def spend(self, list barren not None):
        if barren: self._known.hits = spend(self._known.hits, barren)


@cython.final
cdef class ReadChunk:
    cdef object _regions, _searched, _view
    cdef Py_ssize_t _limit, _held
    cdef bint _whole
    cdef list _pending
    cdef readonly list objects
    cdef readonly bint settled

    def __init__(self, regions, searched, Py_ssize_t limit, bint whole):
        self._regions = regions; self._searched = searched; self._limit = limit; self._whole = whole
        self._pending = []; self.objects = []

    @property
    def data(self):
        if self._view is None: self._view = memoryview(self._regions)
        return self._view

    @property
    def empty(self):
        return not self._pending

    @property
    def full(self):
        return self._is_full()

    cdef bint _is_full(self) except -1:
        return self._held > MOST_IN_CHUNK or len(self._pending) >= MOST_OBJECTS or len(self._regions) > SEARCHED

    def settle(self, list hits not None):
        cdef _Known known, base
        cdef Py_ssize_t slot
        cdef FoundObject found
        if self._view is not None: self._view.release()
        own = dict(self._regions.place(hits))
        margin = self._regions.margin
        for slot, known in enumerate(self._pending):
            known.hits = own.get(slot, b"")
            base = known.base
            if base is not None and base.hits:
                known.hits = inherit(base.hits, known.hits, known.copies, margin, base.size, known.size)
            if known.hits and known.read is not None:
                found = FoundObject.__new__(FoundObject)
                found.read = known.read; found._known = known
                yield found
            known.base = None; known.copies = None; known.read = None
        self._pending.clear()
        self._regions.clear()
        self.settled = True

    def close(self):
        for _ in self.settle([]): pass

    def add(self, str oid not None, str kind not None, bytes content not None, Py_ssize_t size):
        cdef ReadObject read = ReadObject.__new__(ReadObject)
        read._oid = oid; read.kind = kind; read.content = content; read.size = size
        read.searched = self._searched(kind, content)
        if read.searched: self._regions.whole(content, len(self._pending))
        self._append(_known(content, read))

    cdef _take(self, Rebuilt made, Rebuilt base):
        """Add an object that was rebuilt just now, from `base` if that was rebuilt, too."""
        cdef ReadObject read = None
        cdef _Known known
        cdef str kind = made._pack._kind(made._place)
        cdef bint searched
        if PyBytes_GET_SIZE(made.content) > self._limit: return
        searched = self._searched(kind, made.content)
        if made.wanted:
            read = ReadObject.__new__(ReadObject)
            read._pack = made._pack; read._place = made._place; read.kind = kind
            read.content = made.content; read.size = made.size; read.searched = searched
        known = _known(made.content, read)
        if not searched:
            if read is not None: self._append(known)
            return
        if base is not None and not self._whole and base.known is not None:
            known.base = base.known
            self._regions.brought(made.content, len(self._pending))
            known.copies = self._regions.copies()
            self._held += PyBytes_GET_SIZE(known.copies)
        else:
            self._regions.whole(made.content, len(self._pending))
        self._append(known)
        made.known = known

    cdef _append(self, _Known known):
        """Its regions have its slot for a number."""
        self._pending.append(known)
        if known.read is not None: self.objects.append(known.read)
        self._held += known.size


cdef _Known _known(bytes content, ReadObject read):
    cdef _Known known = _Known.__new__(_Known)
    known.hits = b""; known.size = PyBytes_GET_SIZE(content); known.read = read
    return known
