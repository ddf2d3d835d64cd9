"""PPMd variant I, revision 1, method 98 of zip: variant H with other weights, and a memory that may be thinned.

Format: LZMA SDK (public domain), Ppmd8.c and Ppmd8Dec.c; PKWARE APPNOTE 6.3.10, 5.10.
Limits: a memory that is frozen when full, which no packer of today asks for, is not followed.
"""

from typing import Final

from inspector.errors import Malformed, Unsupported
from inspector.formats.codec.ppmd import ESCAPE_STARTS, MOST_WEIGHT, PERIOD_BITS, SCALE_BITS, Model, run, slots
from inspector.formats.codec.ppmd_memory import KIND_OF, KINDS, NONE, UNIT, UNITS_OF
from inspector.formats.codec.streams import Decoded
from inspector.formats.reader import Reader

RESTART, THIN, FREEZE = range(3)
SLOTS: Final = slots(5, 260)
ROWS: Final = 25
OTHER, FOLLOWER, RESCALED = 0x10, 0x08, 0x04
"""Of a context: the byte before is no sign or digit, one that follows is not, weights were halved."""
LETTERS: Final = 0x40
NEAR: Final = 16 * 1024 // UNIT
KEPT_ORDER: Final = 9


def _last_of(slot: int, first: int) -> int:
    """Return how many numbers from `first` on belong to this slot or to one before it."""
    return max(at for at, other in enumerate(SLOTS) if other == slot) + 1 - first


class ModelI(Model):
    """Variant I; `method` says what happens when the memory is full."""

    ROWS = (0, *(64 * slot for slot in SLOTS))
    MOST_SINGLE = 196
    TIE = 1

    def __init__(self, order: int, size: int, method: int) -> None:
        if method not in (RESTART, THIN):
            raise Unsupported("PPMd with a memory that freezes")
        self._thins = method == THIN
        super().__init__(order, size, carryless=True)

    def _hold(self, units: int) -> None:
        gap, held, base = (self.high if self._held else self._base), self._held, self._base
        super()._hold(units)
        self.flags[gap:gap] = bytes(self._held - held)
        self.flags[:0] = bytes(self._base - base + (not held))

    def _restart(self) -> None:
        super()._restart()
        self.flags[self._context] = 0
        self._odds[:] = [
            (1 << SCALE_BITS) - start // (_last_of(row, 0) + 1) for row in range(ROWS) for start in ESCAPE_STARTS * 8
        ]
        shift = PERIOD_BITS - 4
        self._escapes = [2 * _last_of(row + 3, 3) + 5 << shift for row in range(24) for _ in range(32)]
        self._escape_shifts, self._escape_counts = [shift] * (24 * 32), [7] * (24 * 32)

    def _statistics(self, count: int, masked: int) -> int:
        if count == 256:
            return -1
        context = self._context
        heavy = self.sums[context] > 11 * count
        few = 2 * count < self.counts[self.suffixes[context]] + masked
        return 32 * (SLOTS[count + 1] - 3) + heavy + 2 * few + self.flags[context]

    def _settle(self, context: int, count: int, kept: int, weight: int, escapes: int) -> None:
        super()._settle(context, count, kept, weight, escapes)
        if kept > 1:
            if kept < count:
                self._flag(context, OTHER | RESCALED)
            self.flags[context] |= RESCALED

    def _flag(self, context: int, kept: int) -> None:
        """Take down anew which symbols follow a context; `kept` are the marks that stay."""
        first = self.stats[context]
        most = max(self.symbols[first : first + self.counts[context]])
        self.flags[context] = self.flags[context] & kept | (FOLLOWER if most >= LETTERS else 0)

    def _leave_one(self, context: int, first: int, count: int, escapes: int) -> None:
        self._flag(context, OTHER)
        super()._leave_one(context, first, count, escapes)

    def _single_weight(self, weight: int, escapes: int) -> int:
        return min((2 * weight + escapes - 1) // escapes, MOST_WEIGHT // 3)

    # ---------------------------------------------------------------- Learning

    def _update(self) -> None:
        if self.high - self.low < self._reserve:
            self.make_room(self._reserve)
        self._context = self._longest = self._next()

    def _next(self) -> int:
        """Learn the state just found and return the context that follows."""
        found, context = self._found, self._context
        weight, follows, shorter = self.weights[found], self.successors[found], self.suffixes[context]
        below = self._raise_below(shorter, self._last) if weight < MOST_WEIGHT // 4 and shorter else NONE
        if not self._fall and follows:
            self.successors[found] = made = self._successors([], below, context)
            return made or self._restore(self._longest)
        link = self.write_text(self._last)
        if self.text_end >= self.text_limit:
            return self._restore(self._longest)
        if not follows:
            follows = self._reduce(link, below, context)
        elif follows < self._first:
            follows = self._successors([found], below, context)
        if not follows:
            return self._restore(self._longest)
        self._fall -= 1
        if not self._fall:
            link = follows
            self.text_end -= self._longest != context
        stopped = self._learn(weight, link)
        return self._restore(stopped) if stopped else follows

    def _learn(self, weight: int, link: int) -> int:
        """Add the found state to the longer contexts that escaped; return the one that has no memory left for it."""
        counts, sums, context, last = self.counts, self.sums, self._context, self._longest
        symbol, here = self._last, counts[context]
        others, flag = sums[context] - (here - 1) - weight, FOLLOWER if symbol >= LETTERS else 0
        while last != context:
            count = counts[last]
            if not self._own_block(last):
                return last
            if count != 1:
                total = sums[last] + (3 * count - 1 < here)
            else:
                total = self._weigh_only(last, here)
            share, whole = 2 * weight * (total + 6), others + total
            if share < 6 * whole:
                share = 1 + (share > whole) + (share >= 4 * whole)
                total += 4
            else:
                share = 4 + (share > 9 * whole) + (share > 12 * whole) + (share > 15 * whole)
                total += share
            sums[last] = total & 0xFFFF
            self._append(last, symbol, share, link)
            self.flags[last] |= flag
            last = self.suffixes[last]
        return NONE

    def _successors(self, states: list[int], below: int, context: int) -> int:
        """Make the context that the found state leads to, and those of the shorter contexts; `NONE` without memory.

        `below` is the state of the same symbol in the next shorter context, where that is known.
        """
        counts, successors, suffixes, branch = self.counts, self.successors, self.suffixes, self.successors[self._found]
        while suffixes[context]:
            context = suffixes[context]
            state, below = below or self._seen_again(context), NONE
            follows = successors[state]
            if follows != branch:
                context = follows
                if not states:
                    return context
                break
            states.append(state)
        following = self.text[-branch]
        if counts[context] == 1:
            weight = self.weights[2 * context]
        else:
            seen = self.weights[self.symbols.index(following, self.stats[context])] - 1
            others = self.sums[context] - (counts[context] - 1) - seen
            weight = 1 + (5 * seen > others if 2 * seen <= others else (seen + 2 * others - 3) // others)
        return self._hang(states, context, following, weight & 0xFF, branch - 1)

    def _hang(self, states: list[int], context: int, symbol: int, weight: int, follows: int) -> int:
        flags = (OTHER if self._last >= LETTERS else 0) | (FOLLOWER if symbol >= LETTERS else 0)
        before, wanted = context, len(states)
        context = super()._hang(states, context, symbol, weight, follows)
        made = context
        while made != before and wanted:
            self.flags[made] = flags
            made, wanted = self.suffixes[made], wanted - 1
        return context

    def _seen_again(self, context: int) -> int:
        """Return the state of the symbol in a shorter context, with a little more weight."""
        if self.counts[context] == 1:
            state = 2 * context
            self.weights[state] += self.counts[self.suffixes[context]] == 1 and self.weights[state] < 24
            return state
        state = self.symbols.index(self._last, self.stats[context])
        self._add_weight(context, state, 1)
        return state

    def _reduce(self, link: int, below: int, context: int) -> int:
        """Return the longest context that the symbol has led to before; those on the way lead into the text."""
        began, state = context, self._found
        self.successors[state] = link
        self._fall += 1
        while True:
            if not below and not self.suffixes[context]:
                return context
            context = self.suffixes[context]
            state, below = below or self._raise_shorter(context), NONE
            if self.successors[state]:
                break
            self.successors[state] = link
            self._fall += 1
        if self.successors[state] < self._first:
            found, self._found = self._found, state
            made = self._successors([state], NONE, context)
            self.successors[state], self._found = made, found
        if self._fall == 1 and began == self._longest:
            self.successors[self._found] = self.successors[state]
            self.text_end -= 1
        return self.successors[state]

    def _raise_shorter(self, context: int) -> int:
        if self.counts[context] == 1:
            state = 2 * context
            self.weights[state] += self.weights[state] < 32
            return state
        state = self.symbols.index(self._last, self.stats[context])
        self._add_weight(context, state, 2)
        return state

    # ---------------------------------------------------------------- A full memory

    def _restore(self, stopped: int) -> int:
        """Undo what was learnt last, up to a context; start afresh or thin the tree; return where to go on."""
        self.text_end = 0
        context = self._longest
        while context != stopped:
            self.counts[context] -= 1
            if self.counts[context] == 1:
                first = self.stats[context]
                self._make_single(context)
                self._free_unit(first // 2)
            else:
                self._refresh(context, self.counts[context] + 2 >> 1, 0)
            context = self.suffixes[context]
        while context != self._context:
            count = self.counts[context]
            if count == 1:
                self.weights[2 * context] -= self.weights[2 * context] >> 1
            else:
                self.sums[context] += 4
                if self.sums[context] > 128 + 4 * (count - 1):
                    self._refresh(context, count + 1 >> 1, 1)
            context = self.suffixes[context]
        if not self._thins or self._used() < self._size >> 1:
            self._restart()
            return self._context
        root = self._longest
        while self.suffixes[root]:
            root = self.suffixes[root]
        self._thin_out(root)
        return root

    def _thin_out(self, root: int) -> None:
        while True:
            self._cut(root, 0)
            self._expand_text()
            if self._used() <= 3 * (self._size >> 2):
                break
        self._glue_in, self._fall = 0, self._order

    def _make_single(self, context: int) -> None:
        """Keep the first state of a block in the context itself."""
        self._flag(context, OTHER)
        self.copy(self.stats[context], 2 * context, 1)
        self.weights[2 * context] = self.weights[2 * context] + 11 >> 3

    def _free_unit(self, unit: int) -> None:
        if unit == self._first:
            self.move_first(1)
        else:
            self.free[0].append(unit)

    def _used(self) -> int:
        """Return the bytes in use."""
        held = sum(len(blocks) * units for blocks, units in zip(self.free, UNITS_OF, strict=True))
        gap = self.high - self.low + self._all_units - self._held
        return self._size - UNIT * (gap + held) - (self.text_limit - self.text_end)

    def _refresh(self, context: int, held: int, scale: int) -> None:
        """Fit the block of a context to its states, and halve their weights where `scale` is 1."""
        count = self.counts[context]
        self.stats[context] = first = self.shrink(self.stats[context], held, count + 1 >> 1)
        weights = self.weights[first : first + count]
        escapes = self.sums[context] - sum(weights)
        weights = bytearray(weight + scale >> scale for weight in weights)
        self.weights[first : first + count] = weights
        self.sums[context] = sum(weights) + (escapes + scale >> scale) & 0xFFFF
        self._flag(context, OTHER | RESCALED * scale)

    def _cut(self, context: int, order: int) -> int:
        """Cut off what leads into the text only; return the context, or `NONE` where nothing is left of it."""
        if self.counts[context] == 1:
            state = 2 * context
            if self.successors[state] >= self._first:
                self._cut_behind(state, order)
                if self.successors[state] or order <= KEPT_ORDER:
                    return context
            self._free_unit(context)
            return NONE
        count = self.counts[context]
        held = count + 1 >> 1
        self.stats[context] = first = self._move_up(self.stats[context], held)
        left = count
        for state in range(first + count - 1, first - 1, -1):
            if self.successors[state] < self._first:
                left -= 1
                self.successors[state] = NONE
                self._swap(state, first + left)
            else:
                self._cut_behind(state, order)
        return self._keep(context, left, held) if left != count and order else context

    def _cut_behind(self, state: int, order: int) -> None:
        follows = self.successors[state]
        self.successors[state] = self._cut(follows, order + 1) if order < self._order else NONE

    def _keep(self, context: int, left: int, held: int) -> int:
        """Keep so many states of a context whose block has `held` units."""
        first = self.stats[context]
        if not left:
            self.free[KIND_OF[held]].append(first // 2)
            self._free_unit(context)
            return NONE
        self.counts[context] = left
        if left == 1:
            self._make_single(context)
            self.free[KIND_OF[held]].append(first // 2)
        else:
            self._refresh(context, held, self.sums[context] > 16 * (left - 1))
        return context

    def _move_up(self, state: int, held: int) -> int:
        """Move a block that lies close to the text away from it, where a free one of its size is behind it."""
        kind, block = KIND_OF[held], state // 2
        if block - self._first > NEAR or not self.free[kind] or block > self.free[kind][-1]:
            return state
        target = self.free[kind].pop()
        self.copy(state, 2 * target, 2 * held)
        if block == self._first:
            self.move_first(UNITS_OF[kind])
        else:
            self.free[kind].append(block)
        return 2 * target

    def _expand_text(self) -> None:
        """Give the free blocks that follow the text area to it."""
        kinds = {block: kind for kind, blocks in enumerate(self.free) for block in blocks}
        taken = set()
        while self._first in kinds:
            taken.add(self._first)
            self.move_first(UNITS_OF[kinds[self._first]])
        if taken:
            self.free = [[block for block in blocks if block not in taken] for blocks in self.free]

    def glue(self) -> None:
        """Join free blocks that lie side by side."""
        self._glue_in = 1 << 13
        units = {block: UNITS_OF[kind] for kind in range(KINDS) for block in reversed(self.free[kind])}
        self.free = [[] for _ in UNITS_OF]
        for block in list(units):
            held = units.get(block, 0)
            while held and block + held in units:
                held += units.pop(block + held)
                units[block] = held
        self.refill(units)


def decode(data: Reader, size: int) -> Decoded:
    """Return up to `size` bytes of a member of a zip archive: two bytes of parameters, then the stream."""
    fields = int.from_bytes(data.read_upto(0, 2).ljust(2, b"\0"), "little")
    order, megabytes, method = (fields & 15) + 1, (fields >> 4 & 0xFF) + 1, fields >> 12
    if order < 2:
        raise Malformed("PPMd of order 1")
    return run(ModelI(order, megabytes << 20, method), data, 2, size)
