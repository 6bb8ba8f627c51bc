# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The trees of a history, each as what its delta changed in another, and what commits changed in them.

Everything read here comes from a file that anybody may have written. Array indices are not checked by
the compiler, so every read of a tree is preceded by a comparison with its end, and what a table refers to by
number was put there by itself. `treetable.pyi` describes the class for Python.
"""
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memchr, memcmp, memcpy, memset

from secopskit.git.packs.compiled import PackError

ctypedef unsigned char u8
ctypedef unsigned int u32
ctypedef unsigned long long u64
ctypedef long long i64

cdef enum:
    # An entry: its kind in 3 bits, its name's number in 29, its object's in 32. What is copied from the base
    # has a kind of its own, then the number of entries, and the first of them.
    TREE = 1
    FILE = 2
    PROGRAM = 3
    LINK = 4
    COMMIT = 5
    COPIED = 7
    KIND = 61
    NAME = 32
    MOST_NAMES = 1 << 29
    NONE = -1
    MOST_PROBES = 4096  # of a table by hashes, before names are taken for made to be alike
    DEEPEST = 1000  # directories in one another
    LONGEST_CHAIN = 4096
    HELD = 1 << 22  # entries of whole trees, of 8 bytes
    MOST_PARENTS = 1000
    MOST_OPERATIONS = 1 << 27


cdef struct Copy:  # as `Regions.copies` has them
    int at, source, length


cdef struct Parsed:
    int kind
    const char* name
    Py_ssize_t length
    const char* oid
    Py_ssize_t end


cdef struct Tree:
    i64 at  # of its operations; NONE where no such tree was added
    int operations, base, entries


cdef struct Whole:
    u64* entries
    int count


cdef struct Cursor:
    const u64* at
    const u64* end


cdef void* _grown(void* old, Py_ssize_t* room, Py_ssize_t needed, Py_ssize_t size) except NULL:
    cdef Py_ssize_t more = room[0]
    if old != NULL and needed <= more: return old
    while more < needed: more *= 2
    cdef void* new = realloc(old, more * size)
    if new == NULL: raise MemoryError
    room[0] = more
    return new


cdef int _kind(i64 mode) noexcept nogil:
    """What git takes a mode for."""
    if mode & 0o170000 == 0o100000: return PROGRAM if mode & 0o100 else FILE
    if mode & 0o170000 == 0o120000: return LINK
    if mode & 0o170000 == 0o040000: return TREE
    return COMMIT


cdef const char* _mode(u64 entry) noexcept nogil:
    cdef int kind = <int>(entry >> KIND)
    if kind == FILE: return b"100644"
    if kind == PROGRAM: return b"100755"
    if kind == LINK: return b"120000"
    if kind == COMMIT: return b"160000"
    return b"000000"


cdef int _parse(const char* text, Py_ssize_t at, Py_ssize_t size, int width, Parsed* into) except -1:
    """Read the entry that begins at `at`."""
    cdef i64 mode = 0
    cdef const char* nul
    cdef Py_ssize_t begin = at
    while at < size and 0x30 <= text[at] <= 0x37 and at - begin < 8:
        mode = mode << 3 | (text[at] - 0x30); at += 1
    if at == begin or at >= size or text[at] != 0x20: raise PackError("an entry without a mode")
    at += 1
    nul = <const char*>memchr(text + at, 0, size - at)
    if nul == NULL or nul == text + at: raise PackError("an entry without a name")
    into.kind = _kind(mode); into.name = text + at; into.length = nul - into.name; into.oid = nul + 1
    if memchr(into.name, 0x2F, into.length) != NULL: raise PackError("an entry with a path")
    into.end = into.oid - text + width
    if into.end > size: raise PackError("an entry without an id")
    return 0


cdef int _order(const char* one, Py_ssize_t one_length, bint one_tree,
                const char* other, Py_ssize_t other_length, bint other_tree) noexcept nogil:
    """How git sorts two entries: the name of a directory ends in a slash."""
    cdef Py_ssize_t common = min(one_length, other_length)
    cdef int order = memcmp(one, other, common), a, b
    if order: return order
    a = <u8>one[common] if one_length > common else 0x2F if one_tree else 0
    b = <u8>other[common] if other_length > common else 0x2F if other_tree else 0
    return a - b


cdef u64 _hash(const char* text, Py_ssize_t length) noexcept nogil:
    cdef u64 value = 0, part
    cdef Py_ssize_t at = 0
    while at < length:
        part = 0
        memcpy(&part, text + at, min(8, length - at))
        value = (value ^ part) * <u64>0x9E3779B97F4A7C15
        value ^= value >> 32
        at += 8
    return value


cdef class _Words:
    """Words with numbers, from 0, in the order in which they came."""
    cdef char* text
    cdef i64* ends  # those of word n are `ends[n]` and `ends[n + 1]`
    cdef int* slots
    cdef Py_ssize_t count, _text_room, _end_room, _slot_room

    def __cinit__(self):
        self._text_room = self._end_room = self._slot_room = 1 << 12
        self.text = <char*>_grown(NULL, &self._text_room, 1, 1)
        self.ends = <i64*>_grown(NULL, &self._end_room, 1, sizeof(i64))
        self.slots = <int*>_grown(NULL, &self._slot_room, 1, sizeof(int))
        self.ends[0] = 0
        memset(self.slots, 0xFF, self._slot_room * sizeof(int))

    def __dealloc__(self):
        free(self.text); free(self.ends); free(self.slots)

    cdef Py_ssize_t _slot(self, const char* word, Py_ssize_t length) except -1:
        """Where a word is, or would be."""
        cdef Py_ssize_t slot = <Py_ssize_t>(_hash(word, length) & <u64>(self._slot_room - 1)), probes
        cdef int number
        for probes in range(MOST_PROBES):
            number = self.slots[slot]
            if number < 0: return slot
            if self.ends[number + 1] - self.ends[number] == length:
                if memcmp(self.text + self.ends[number], word, length) == 0: return slot
            slot = (slot + 1) & (self._slot_room - 1)
        raise PackError("too many words that are alike")

    cdef int find(self, const char* word, Py_ssize_t length) except -2:
        """The number of a word, or -1."""
        return self.slots[self._slot(word, length)]

    cdef int number(self, const char* word, Py_ssize_t length) except -1:
        """The number of a word, a new one if it has none yet."""
        cdef Py_ssize_t slot = self._slot(word, length), end = self.ends[self.count]
        if self.slots[slot] >= 0: return self.slots[slot]
        if self.count + 1 >= MOST_NAMES: raise PackError("too many words")
        self.text = <char*>_grown(self.text, &self._text_room, end + length, 1)
        self.ends = <i64*>_grown(self.ends, &self._end_room, self.count + 2, sizeof(i64))
        memcpy(self.text + end, word, length)
        self.ends[self.count + 1] = end + length
        self.slots[slot] = <int>self.count
        self.count += 1
        if self.count * 2 > self._slot_room: self._rehash()
        return <int>self.count - 1

    cdef int _rehash(self) except -1:
        cdef Py_ssize_t n
        self.slots = <int*>_grown(self.slots, &self._slot_room, self._slot_room * 2, sizeof(int))
        memset(self.slots, 0xFF, self._slot_room * sizeof(int))
        for n in range(self.count):
            self.slots[self._slot(self.text + self.ends[n], self.ends[n + 1] - self.ends[n])] = <int>n
        return 0


cdef class TreeTable:
    cdef int _width
    cdef _Words _ids, _names
    cdef u64* _operations
    cdef Tree* _trees  # by the number of an id
    cdef Whole* _wholes  # likewise; no entries where it is not held
    cdef int* _starts  # of the tree that is being added
    cdef int* _kept  # the trees that are held as a whole
    cdef char* _path
    cdef char* _out
    cdef Py_ssize_t _count, _room, _known, _tree_room, _whole_room, _start_room
    cdef Py_ssize_t _kept_count, _kept_room, _held, _path_room, _size, _out_room

    def __cinit__(self, int width):
        if not 0 < width <= 64: raise ValueError("a width")
        self._width = width
        self._ids = _Words(); self._names = _Words()
        self._room = self._tree_room = self._whole_room = self._start_room = 1 << 10
        self._kept_room = self._path_room = self._out_room = 1 << 10
        self._operations = <u64*>_grown(NULL, &self._room, 1, sizeof(u64))
        self._trees = <Tree*>_grown(NULL, &self._tree_room, 1, sizeof(Tree))
        self._wholes = <Whole*>_grown(NULL, &self._whole_room, 1, sizeof(Whole))
        self._starts = <int*>_grown(NULL, &self._start_room, 1, sizeof(int))
        self._kept = <int*>_grown(NULL, &self._kept_room, 1, sizeof(int))
        self._path = <char*>_grown(NULL, &self._path_room, 1, 1)
        self._out = <char*>_grown(NULL, &self._out_room, 1, 1)

    def __dealloc__(self):
        if self._wholes != NULL: self._drop()
        free(self._operations); free(self._trees); free(self._wholes); free(self._starts)
        free(self._kept); free(self._path); free(self._out)

    # --- trees that are added ---

    cdef int _number(self, const char* oid) except -1:
        """The number of an id, with a place for its tree."""
        cdef int number = self._ids.number(oid, self._width)
        while self._known <= number:
            self._trees = <Tree*>_grown(self._trees, &self._tree_room, self._known + 1, sizeof(Tree))
            self._wholes = <Whole*>_grown(self._wholes, &self._whole_room, self._known + 1, sizeof(Whole))
            self._trees[self._known] = Tree(NONE, 0, NONE, 0)
            self._wholes[self._known] = Whole(NULL, 0)
            self._known += 1
        return number

    def add(self, bytes oid not None, bytes content not None):
        return self._add(oid, content, NONE, b"", b"")

    def add_heir(self, bytes oid not None, bytes content not None,
                 bytes base not None, bytes starts not None, bytes copies not None):
        if PyBytes_GET_SIZE(base) != self._width: raise ValueError("an id")
        cdef int number = self._number(PyBytes_AS_STRING(base))
        if self._trees[number].at == NONE: raise ValueError("a base that was not added")
        if PyBytes_GET_SIZE(starts) != (self._trees[number].entries + 1) * <Py_ssize_t>sizeof(int):
            raise ValueError("not the entries of the base")
        return self._add(oid, content, number, starts, copies)

    cdef bytes _add(self, bytes oid, bytes content, int base, bytes starts, bytes copied):
        cdef const char* text = PyBytes_AS_STRING(content)
        cdef Py_ssize_t size = PyBytes_GET_SIZE(content), at = 0, first, last, i, began = self._count, k = 0
        cdef const int* old = <const int*>PyBytes_AS_STRING(starts)
        cdef Py_ssize_t olds = PyBytes_GET_SIZE(starts) // sizeof(int) - 1
        cdef const Copy* copy = <const Copy*>PyBytes_AS_STRING(copied)
        cdef const Copy* behind = copy + PyBytes_GET_SIZE(copied) // sizeof(Copy)
        cdef i64 source
        cdef Parsed parsed, before
        cdef int number
        if PyBytes_GET_SIZE(oid) != self._width: raise ValueError("an id")
        if size > 0x7FFFFFFF: raise PackError("a tree too large")
        number = self._number(PyBytes_AS_STRING(oid))
        before = Parsed(0, NULL, NONE, NULL, 0)
        while at < size:
            _parse(text, at, size, self._width, &parsed)
            if before.length != NONE and _order(before.name, before.length, before.kind == TREE,
                                                parsed.name, parsed.length, parsed.kind == TREE) >= 0:
                raise PackError("entries that are not in their order")
            before = parsed
            while copy < behind and copy.at + copy.length <= at: copy += 1
            first = last = NONE
            if copy < behind and copy.at <= at:
                # From an entry of the base on, the same bytes are the same entries.
                source = copy.source + (at - copy.at)
                first = _at_most(old, olds, source)
                if first >= 0 and old[first] == source:
                    last = _at_most(old, olds + 1, copy.source + copy.length)
            if last > first:
                self._copy(first, last - first, began)
                self._starts = <int*>_grown(self._starts, &self._start_room, k + last - first + 1, sizeof(int))
                for i in range(first, last):
                    self._starts[k] = <int>(at + old[i] - source); k += 1
                if last - first > 1: _parse(text, self._starts[k - 1], size, self._width, &before)
                at += old[last] - source
            else:
                self._insert(&parsed)
                self._starts = <int*>_grown(self._starts, &self._start_room, k + 2, sizeof(int))
                self._starts[k] = <int>at; k += 1
                at = parsed.end
        self._starts[k] = <int>size
        if self._trees[number].at == NONE:
            self._trees[number] = Tree(began, <int>(self._count - began), base, <int>k)
        else:
            self._count = began  # it stands in another pack, too
        return PyBytes_FromStringAndSize(<char*>self._starts, (k + 1) * sizeof(int))

    cdef int _copy(self, Py_ssize_t first, Py_ssize_t count, Py_ssize_t began) except -1:
        cdef u64 last
        if count >= MOST_NAMES: raise PackError("a tree too large")
        if self._count > began:
            last = self._operations[self._count - 1]
            if last >> KIND == COPIED and <u32>last + (last >> NAME & (MOST_NAMES - 1)) == <u64>first:
                if (last >> NAME & (MOST_NAMES - 1)) + count >= MOST_NAMES: raise PackError("a tree too large")
                self._operations[self._count - 1] += <u64>count << NAME
                return 0
        return self._put(<u64>COPIED << KIND | <u64>count << NAME | <u64>first)

    cdef int _insert(self, Parsed* parsed) except -1:
        cdef u64 name = self._names.number(parsed.name, parsed.length), child = self._number(parsed.oid)
        return self._put(<u64>parsed.kind << KIND | name << NAME | child)

    cdef int _put(self, u64 operation) except -1:
        if self._count >= MOST_OPERATIONS: raise PackError("too many trees")
        self._operations = <u64*>_grown(self._operations, &self._room, self._count + 1, sizeof(u64))
        self._operations[self._count] = operation
        self._count += 1
        return 0

    # --- trees as a whole ---

    cdef int _drop(self) except -1:
        """Let go of all trees that are held as a whole."""
        cdef Py_ssize_t k
        for k in range(self._kept_count):
            free(self._wholes[self._kept[k]].entries)
            self._wholes[self._kept[k]] = Whole(NULL, 0)
        self._kept_count = 0; self._held = 0
        return 0

    cdef int _make(self, int number) except -1:
        """Hold a tree as a whole, and all that it is made from."""
        cdef int chain[LONGEST_CHAIN]
        cdef int length = 0
        while number != NONE and self._wholes[number].entries == NULL:
            if self._trees[number].at == NONE: raise PackError("a tree that is not there")
            if length == LONGEST_CHAIN: raise PackError("a chain without end")
            chain[length] = number; length += 1
            number = self._trees[number].base
        while length:
            length -= 1
            self._make_one(chain[length])
        return 0

    cdef int _make_one(self, int number) except -1:
        cdef Tree tree = self._trees[number]
        cdef Whole base = Whole(NULL, 0)
        cdef u64* entries
        cdef u64 operation
        cdef Py_ssize_t i, k = 0, first, count
        if tree.base != NONE: base = self._wholes[tree.base]
        self._kept = <int*>_grown(self._kept, &self._kept_room, self._kept_count + 1, sizeof(int))
        entries = <u64*>malloc((tree.entries + 1) * sizeof(u64))
        if entries == NULL: raise MemoryError
        for i in range(tree.operations):
            operation = self._operations[tree.at + i]
            if operation >> KIND != COPIED:
                entries[k] = operation; k += 1
                continue
            first = <u32>operation; count = operation >> NAME & (MOST_NAMES - 1)
            memcpy(entries + k, base.entries + first, count * sizeof(u64))
            k += count
        self._wholes[number] = Whole(entries, tree.entries)
        self._kept[self._kept_count] = number; self._kept_count += 1
        self._held += tree.entries + 8
        return 0

    # --- what commits changed ---

    def changes(self, bytes tree not None, list parents not None):
        cdef int count = len(parents), i
        cdef int* numbers
        cdef bytes parent
        if count > MOST_PARENTS: raise PackError("too many parents")
        if self._held > HELD: self._drop()
        numbers = <int*>malloc((count + 2) * sizeof(int))
        if numbers == NULL: raise MemoryError
        self._size = 0
        try:
            numbers[0] = self._tree(tree)
            numbers[1] = NONE
            for i in range(count):
                parent = parents[i]
                numbers[i + 1] = self._tree(parent)
            if count > 1: self._say(b"\0", 1)
            self._compare(numbers, max(count, 1), 0, 0)
            return PyBytes_FromStringAndSize(self._out, self._size)
        finally:
            free(numbers)

    cdef int _tree(self, bytes oid) except -1:
        cdef int number
        if oid is None or PyBytes_GET_SIZE(oid) != self._width: raise ValueError("an id")
        number = self._ids.find(PyBytes_AS_STRING(oid), self._width)
        if number < 0 or self._trees[number].at == NONE: raise PackError("a tree that is not there")
        return number

    cdef int _compare(self, const int* numbers, int parents, Py_ssize_t length, int depth) except -1:
        """Tell in what a tree differs from all of those of the parents. `length` is that of the path to it."""
        cdef int i
        cdef bint same
        cdef Cursor* all
        cdef u64* found
        cdef int* below
        if depth > DEEPEST: raise PackError("directories without end")
        for i in range(parents + 1):
            if numbers[i] != NONE: self._make(numbers[i])
        all = <Cursor*>malloc((parents + 1) * (sizeof(Cursor) + sizeof(u64) + sizeof(int)))
        if all == NULL: raise MemoryError
        found = <u64*>(all + parents + 1)
        below = <int*>(found + parents + 1)
        try:
            for i in range(parents + 1):
                all[i] = Cursor(NULL, NULL)
                if numbers[i] != NONE:
                    all[i].at = self._wholes[numbers[i]].entries
                    all[i].end = all[i].at + self._wholes[numbers[i]].count
            while True:
                while all[0].at < all[0].end:  # what is the same everywhere
                    same = True
                    for i in range(1, parents + 1):
                        if all[i].at == all[i].end or all[i].at[0] != all[0].at[0]:
                            same = False
                            break
                    if not same: break
                    for i in range(parents + 1): all[i].at += 1
                if not self._next(all, found, parents): return 0
                for i in range(1, parents + 1):
                    if found[i] == found[0]: break
                else:
                    self._tell(found, below, parents, length, depth)
        finally:
            free(all)

    cdef bint _next(self, Cursor* all, u64* found, int parents) noexcept:
        """Take the first entry of all, from all that have it; 0 is for those that have not."""
        cdef int i
        cdef bint any = False
        cdef u64 least = 0
        for i in range(parents + 1):
            if all[i].at < all[i].end and (not any or self._compared(all[i].at[0], least) < 0):
                least = all[i].at[0]; any = True
        for i in range(parents + 1):
            found[i] = 0
            if all[i].at < all[i].end and self._compared(all[i].at[0], least) == 0:
                found[i] = all[i].at[0]
                all[i].at += 1
        return any

    cdef int _compared(self, u64 one, u64 other) noexcept:
        cdef Py_ssize_t a = one >> NAME & (MOST_NAMES - 1), b = other >> NAME & (MOST_NAMES - 1)
        cdef bint one_tree = one >> KIND == TREE, other_tree = other >> KIND == TREE
        if a == b: return one_tree - other_tree
        cdef const i64* ends = self._names.ends
        return _order(self._names.text + ends[a], ends[a + 1] - ends[a], one_tree,
                      self._names.text + ends[b], ends[b + 1] - ends[b], other_tree)

    cdef int _tell(self, const u64* found, int* below, int parents, Py_ssize_t length, int depth) except -1:
        """Tell of one entry: in `found`, as the commit has it and as its parents do."""
        cdef int i, some = 0
        cdef u64 entry
        cdef Py_ssize_t name, size
        while not found[some]: some += 1
        entry = found[some]
        name = entry >> NAME & (MOST_NAMES - 1)
        size = self._names.ends[name + 1] - self._names.ends[name]
        self._path = <char*>_grown(self._path, &self._path_room, length + size + 1, 1)
        memcpy(self._path + length, self._names.text + self._names.ends[name], size)
        length += size
        if entry >> KIND == TREE:
            self._path[length] = 0x2F
            for i in range(parents + 1): below[i] = <int><u32>found[i] if found[i] else NONE
            return self._compare(below, parents, length + 1, depth + 1)
        if not self._size: self._say(b"\n", 1)  # so git begins where there is one parent
        for i in range(parents): self._say(b":", 1)
        for i in range(1, parents + 1):
            self._say(_mode(found[i]), 6); self._say(b" ", 1)
        self._say(_mode(found[0]), 6)
        for i in range(1, parents + 1): self._say_id(found[i])
        self._say_id(found[0])
        self._say(b" ", 1)
        for i in range(1, parents + 1): self._say(self._status(found[i], found[0], parents), 1)
        self._say(b"\0", 1)
        self._say(self._path, length)
        return self._say(b"\0", 1)

    cdef const char* _status(self, u64 old, u64 new, int parents) noexcept:
        cdef bint file_then = old >> KIND in (FILE, PROGRAM), file_now = new >> KIND in (FILE, PROGRAM)
        if not old: return b"A"
        if not new: return b"D"
        if parents == 1 and (file_then != file_now or not file_now and old >> KIND != new >> KIND): return b"T"
        return b"M"

    cdef int _say_id(self, u64 entry) except -1:
        cdef const u8* oid = <const u8*>self._ids.text + <i64>self._width * <u32>entry
        cdef const char* digits = b"0123456789abcdef"
        cdef int i
        self._out = <char*>_grown(self._out, &self._out_room, self._size + 2 * self._width + 1, 1)
        self._out[self._size] = 0x20
        self._size += 1
        for i in range(self._width):
            self._out[self._size] = digits[oid[i] >> 4] if entry else 0x30
            self._out[self._size + 1] = digits[oid[i] & 15] if entry else 0x30
            self._size += 2
        return 0

    cdef int _say(self, const char* text, Py_ssize_t length) except -1:
        self._out = <char*>_grown(self._out, &self._out_room, self._size + length, 1)
        memcpy(self._out + self._size, text, length)
        self._size += length
        return 0


cdef Py_ssize_t _at_most(const int* ascending, Py_ssize_t n, i64 value) noexcept nogil:
    """The index of the last of ascending values that is `value` or less; -1 if there is none."""
    cdef Py_ssize_t low = 0, high = n, middle
    while low < high:
        middle = (low + high) >> 1
        if ascending[middle] <= value: low = middle + 1
        else: high = middle
    return low - 1
