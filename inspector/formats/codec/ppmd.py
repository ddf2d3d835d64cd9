"""PPMd variant H, which 7z and RAR 2.9 to 4 pack text with: a model of what follows what, behind a range coder.

The model is a tree of contexts: what the last few bytes were → which bytes followed how often. A byte that the longest
context has not seen is told by an escape to the next shorter one.

Format: LZMA SDK (public domain), Ppmd7.c and Ppmd7Dec.c; the range coder of RAR is that of Ppmd8Dec.c.
Limits: decoded in Python, about a hundred kilobytes per second: more than `MOST` bytes of one stream are not.
"""

from abc import abstractmethod
from bisect import bisect_right
from itertools import accumulate
from typing import ClassVar, Final

from inspector.errors import FormatError, Malformed, Unsupported
from inspector.formats.codec.ppmd_memory import KIND_OF, KINDS, NONE, UNITS_OF, Memory
from inspector.formats.codec.streams import Decoded
from inspector.formats.reader import Reader

MOST, MOST_STORED = 1 << 24, 1 << 21
"""Bytes that one model gives and takes at most: a minute or two of work."""
STEP: Final = 1 << 14
ORDERS, SIZES = range(2, 65), range(1 << 11, 0xFFFFFFFF - 35)
ANY: Final = -1
"""Stop at no symbol."""
TOP, BOTTOM, WORD = 1 << 24, 1 << 15, (1 << 32) - 1
MOST_WEIGHT: Final = 124
SCALE_BITS, PERIOD_BITS = 14, 7
ESCAPE_STARTS: Final = (0x3CDD, 0x1F3F, 0x59BF, 0x48F3, 0x64A1, 0x5ABC, 0x6632, 0x6051)
ESCAPE_WEIGHTS: Final = (25, 14, 9, 7, 5, 5, 4, 4, 4, 3, 3, 3, 2, 2, 2, 2)
PADDING: Final = bytes(4)
"""Zeros that a decoder may read behind the end."""
COUNT_SLOTS: Final = (0, 0, 2, *[4] * 9, *[6] * 245)
"""Number of states of the shorter context → part of the place among the odds of single states."""
DAMAGED: Final = (IndexError, OverflowError, ValueError, ZeroDivisionError)
"""What a model runs into that no packer made; the arrays hold."""


def slots(first: int, count: int) -> tuple[int, ...]:
    """Return which statistics of escapes belong to each number: the first each to its own, then ever more to one."""
    found, slot, left = list(range(first)), first, 1
    while len(found) < count:
        found.append(slot)
        left -= 1
        if not left:
            slot += 1
            left = slot - first + 1
    return tuple(found)


HIGH: Final = (*[0] * 64, *[8] * 192)
"""Whether the byte before is no sign or digit, as part of a place."""
HIGHER: Final = tuple(2 * high for high in HIGH)
UNSEEN_SLOTS: Final = slots(3, 256)


class Model(Memory):
    """What both variants share: the range coder, escapes to shorter contexts, halving of weights."""

    ROWS: ClassVar[tuple[int, ...]]
    """Weight of a single state → where its odds begin."""
    MOST_SINGLE: ClassVar[int]
    """Weight that a single state does not grow beyond."""
    TIE: ClassVar[int] = 0
    """1 where half of all weight counts as success."""

    def __init__(self, order: int, size: int, *, carryless: bool) -> None:
        self._order = order
        self._reserve = 2 * (order + 1) * 129
        """Units that one symbol takes at most."""
        self._carryless = carryless
        self._low = self._range = self._code = self._at = 0
        self._fed = self._data = b""
        self.given = self.taken = 0
        """Bytes decoded, and bytes taken for them."""
        self._escape_weight = 0
        self.ended = False
        """Whether the end mark was read."""
        self._odds: list[int] = []
        """How likely the only state of a context is, of 16384; the decoder holds on to this list."""
        self._escapes: list[int] = []
        self._escape_shifts: list[int] = []
        self._escape_counts: list[int] = []
        super().__init__(size)
        self._restart()

    def feed(self, data: bytes, at: int) -> None:
        """Start the range coder on what stands at an offset of `data`."""
        if data is not self._fed:
            self._fed, self._data = data, data + PADDING
        if not self._carryless:
            if data[at : at + 1] != b"\0":
                raise Malformed("PPMd stream does not begin with zero")
            at += 1
        self._low, self._range, self._code = 0, WORD, int.from_bytes(self._data[at : at + 4], "big")
        self._at = at + 4
        self.ended = False
        if self._code == WORD or at + 4 > len(data):
            raise Malformed("PPMd stream without a beginning")

    @property
    def position(self) -> int:
        """Offset of the next byte that the range coder would take."""
        return self._at

    def decode(self, out: bytearray, goal: int, stop: int = ANY) -> bool:
        """Append to `out` until it holds `goal` bytes, or to the end mark; True where the symbol `stop` came instead.

        Raises `Malformed` where the stream is damaged or too short, and `Unsupported` where it is too long for Python;
        what was decoded is in `out` even so.
        """
        hit = False
        while len(out) < goal and not hit and not self.ended:
            if self.given > MOST or self.taken > MOST_STORED:
                raise Unsupported(f"PPMd stream: no more than {self.given} bytes of it are read")
            before, at = len(out), self._at
            try:
                hit = self._decode(out, min(goal, before + STEP), stop)
            except DAMAGED as error:
                early = self._at + STEP >= len(self._data) and isinstance(error, IndexError)
                raise Malformed("PPMd stream ends early" if early else "damaged PPMd stream") from error
            self.given += len(out) - before
            self.taken += self._at - at
        return hit

    @abstractmethod
    def _statistics(self, count: int, masked: int) -> int:
        """Return which statistics tell how likely an escape from the current context is; -1 for none."""

    @abstractmethod
    def _update(self) -> None:
        """Let the model learn the state just found, and go on to the next context."""

    def moved(self, gap: int, before: int, behind: int) -> None:
        """Follow the units to their new places."""
        self._context += behind if self._context >= gap else before
        self._longest += behind if self._longest >= gap else before
        self._found += 2 * (behind if self._found >= 2 * gap else before)

    def _restart(self) -> None:
        """Begin with one context of all 256 bytes."""
        self.clear()
        self._fall = self._order
        self._run = self._first_run = -min(self._order, 12) - 1
        self._success = 0
        self._context = self._longest = context = self.take_context()
        self._found = state = 2 * self.low
        self.low += 128
        self.suffixes[context], self.counts[context], self.sums[context] = NONE, 256, 257
        self.stats[context] = state
        self.symbols[state : state + 256] = bytes(range(256))
        self.weights[state : state + 256] = b"\1" * 256
        for at in range(state, state + 256):
            self.successors[at] = NONE
        self._last = 0

    def _decode(self, out: bytearray, goal: int, stop: int) -> bool:  # noqa: C901 - the loop the time goes into
        weights, symbols, successors, counts = self.weights, self.symbols, self.successors, self.counts
        sums, stats, suffixes, flags = self.sums, self.stats, self.suffixes, self.flags
        odds, rows = self._odds, self.ROWS
        tie, most_single, carryless, data = self.TIE, self.MOST_SINGLE, self._carryless, self._data
        context, fall, run, success, last = self._context, self._fall, self._run, self._success, self._last
        low, span, code, at = self._low, self._range, self._code, self._at
        append, hit = out.append, False
        while len(out) < goal:
            count = counts[context]
            if count == 1:
                state = 2 * context
                weight = weights[state]
                high = flags[context] if flags else HIGH[last] | HIGHER[symbols[state]]
                place = rows[weight] + (run >> 26 & 32) + COUNT_SLOTS[counts[suffixes[context]]] + high + success
                odd = odds[place]
                bound = (span >> SCALE_BITS) * odd
                if code < bound:
                    span = bound
                    odds[place] = odd + 128 - (odd + 32 >> PERIOD_BITS)
                    if weight < most_single:
                        weights[state] = weight + 1
                    success = 1
                    run += 1
                else:
                    code -= bound
                    if carryless:
                        low += bound
                        span = (span >> SCALE_BITS) * ((1 << SCALE_BITS) - odd)
                    else:
                        span -= bound
                    odds[place] = odd = odd - (odd + 32 >> PERIOD_BITS)
                    self._escape_weight = ESCAPE_WEIGHTS[odd >> 10]
                    state = -1
            else:
                state = stats[context]
                total = sums[context]
                span //= total
                wanted = code // span
                weight = weights[state]
                if wanted < weight:
                    span *= weight
                    success = 1 if 2 * weight > total - tie else 0
                    run += success
                    sums[context] = total + 4
                    weights[state] = weight + 4
                    if weight >= MOST_WEIGHT - 3:
                        self._context, self._found, self._fall = context, state, fall
                        self._rescale()
                        state = self._found
                else:
                    success = 0
                    for start in accumulate(weights[state : state + count]):
                        if start > wanted:
                            break
                        state += 1
                    else:
                        if wanted >= total:
                            raise ValueError
                        code -= start * span
                        low += start * span
                        span *= total - start
                        state = -1
                    if state >= 0:
                        weight = weights[state]
                        start = (start - weight) * span
                        code -= start
                        low += start
                        span *= weight
                        sums[context] = total + 4
                        if weight + 4 > weights[state - 1]:
                            self._swap(state - 1, state)
                            state -= 1
                            weights[state] = weight + 4
                            if weight >= MOST_WEIGHT - 3:
                                self._context, self._found, self._fall = context, state, fall
                                self._rescale()
                                state = self._found
                        else:
                            weights[state] = weight + 4
            while span < TOP:
                if carryless:
                    if (low ^ low + span) & WORD >= TOP:
                        if span >= BOTTOM:
                            break
                        span = -low & BOTTOM - 1
                    low = low << 8 & WORD
                code = code << 8 & WORD | data[at]
                span = span << 8 & WORD
                at += 1
            if state < 0:
                self._context, self._fall, self._last = context, fall, last
                self._low, self._range, self._code, self._at = low, span, code, at
                if not self._escape():
                    return False
                low, span, code, at = self._low, self._range, self._code, self._at
                fall, run, success, state, escaped = self._fall, self._first_run, 0, self._found, True
            else:
                escaped = False
            last = symbols[state]
            if not escaped and not fall and (follows := successors[state]) > 0:
                context = follows
            else:
                if not escaped:
                    self._context = self._longest = context
                self._found, self._fall, self._run, self._success, self._last = state, fall, run, success, last
                symbol = last
                self._update()
                context, fall, run, success, last = self._context, self._fall, self._run, self._success, self._last
                if symbol == stop:
                    hit = True
                    break
                append(symbol)
                continue
            if last == stop:
                hit = True
                break
            append(last)
        self._context, self._fall, self._run, self._success, self._last = context, fall, run, success, last
        self._low, self._range, self._code, self._at = low, span, code, at
        return hit

    def _narrow(self, start: int, size: int) -> None:
        """Tell the range coder which part of the range was meant; `_range` is already that of one share.

        `_decode` does the same on local variables: a call for every symbol would slow it down.
        """
        low, span, data, at = self._low + start * self._range, size * self._range, self._data, self._at
        code = self._code - start * self._range
        while span < TOP:
            if self._carryless:
                if (low ^ low + span) & WORD >= TOP:
                    if span >= BOTTOM:
                        break
                    span = -low & BOTTOM - 1
                low = low << 8 & WORD
            code = code << 8 & WORD | data[at]
            span = span << 8 & WORD
            at += 1
        self._low, self._range, self._code, self._at = low, span, code, at

    def _escape(self) -> bool:
        """Find the symbol in shorter contexts, without those of the longer ones; False at the end mark."""
        symbols, weights, counts = self.symbols, self.weights, self.counts
        context = self._longest = self._context
        count = counts[context]
        while True:
            known, start = count, self.stats[context] if count > 1 else 2 * context
            masked = symbols[start : start + count]
            while count == known:
                self._fall += 1
                context = self.suffixes[context]
                if not context:
                    self.ended = True
                    return False
                count = counts[context]
            self._context, start = context, self.stats[context]
            here = enumerate(symbols[start : start + count], start)
            states = [state for state, symbol in here if symbol not in masked]
            shares = list(accumulate([weights[state] for state in states]))
            slot = self._statistics(count, known)
            total = shares[-1] + self._escape_share(slot)
            self._range //= total
            wanted = self._code // self._range
            if wanted < shares[-1]:
                place = bisect_right(shares, wanted)
                self._found = state = states[place]
                self._narrow(shares[place] - weights[state], weights[state])
                self._see_less(slot)
                self._grow_weight()
                return True
            if wanted >= total:
                raise ValueError
            self._narrow(shares[-1], total - shares[-1])
            if slot >= 0:
                self._escapes[slot] = self._escapes[slot] + total & 0xFFFF

    def _escape_share(self, slot: int) -> int:
        if slot < 0:
            return 1
        share = self._escapes[slot] >> self._escape_shifts[slot]
        self._escapes[slot] -= share
        return share or 1

    def _see_less(self, slot: int) -> None:
        """Let the statistics of escapes change slower the more often they were right."""
        shift = self._escape_shifts[slot] if slot >= 0 else PERIOD_BITS
        if shift < PERIOD_BITS:
            self._escape_counts[slot] -= 1
            if not self._escape_counts[slot]:
                self._escapes[slot] = self._escapes[slot] << 1 & 0xFFFF
                self._escape_counts[slot] = 3 << shift & 0xFF
                self._escape_shifts[slot] = shift + 1

    def _grow_weight(self) -> None:
        self.sums[self._context] += 4
        self.weights[self._found] += 4
        if self.weights[self._found] > MOST_WEIGHT:
            self._rescale()

    def _swap(self, one: int, other: int) -> None:
        """Swap two states."""
        for column in (self.symbols, self.weights, self.successors):
            column[one], column[other] = column[other], column[one]

    def _raise_below(self, context: int, symbol: int) -> int:
        """Give a symbol more weight in the next shorter context, and return its state there."""
        if self.counts[context] == 1:
            state = 2 * context
            if self.weights[state] < 32:
                self.weights[state] += 1
            return state
        first = self.stats[context]
        state = self.symbols.index(symbol, first)
        if state != first and self.weights[state] >= self.weights[state - 1]:
            self._swap(state - 1, state)
            state -= 1
        self._add_weight(context, state, 2)
        return state

    def _add_weight(self, context: int, state: int, more: int) -> None:
        if self.weights[state] < MOST_WEIGHT - 9:
            self.weights[state] += more
            self.sums[context] += more

    def _rescale(self) -> None:
        """Halve the weights of the current context; states of none leave it."""
        context, found = self._context, self._found
        first, count = self.stats[context], self.counts[context]
        end = first + count
        rows = list(zip(self.weights[first:end], self.symbols[first:end], self.successors[first:end], strict=True))
        rows.insert(0, rows.pop(found - first))
        escapes = self.sums[context] - sum(row[0] for row in rows)
        adder = 1 if self._fall else 0
        rows[0] = (rows[0][0] + 4, rows[0][1], rows[0][2])
        rows = sorted(((row[0] + adder >> 1, row[1], row[2]) for row in rows), key=lambda row: -row[0])
        kept = [row for row in rows if row[0]]
        for state, row in enumerate(kept, first):
            self.weights[state], self.symbols[state], self.successors[state] = row
        self._settle(context, count, len(kept), sum(row[0] for row in kept), escapes + count - len(kept))

    def _settle(self, context: int, count: int, kept: int, weight: int, escapes: int) -> None:
        """Take over how many states halving left, and their weight."""
        first = self.stats[context]
        if kept < count:
            self.counts[context] = kept
            if kept == 1:
                self._leave_one(context, first, count, escapes)
                return
            self.stats[context] = self.shrink(first, count + 1 >> 1, kept + 1 >> 1)
        self.sums[context] = weight + escapes - (escapes >> 1)
        self._found = self.stats[context]

    def _leave_one(self, context: int, first: int, count: int, escapes: int) -> None:
        """Keep the only state that is left in the context itself, and give its block back."""
        self._found = state = 2 * context
        self.copy(first, state, 1)
        self.weights[state] = self._single_weight(self.weights[state], escapes)
        self.free[KIND_OF[count + 1 >> 1]].append(first // 2)

    @abstractmethod
    def _single_weight(self, weight: int, escapes: int) -> int:
        """Return the weight of the only state left."""

    def _hang(self, states: list[int], context: int, symbol: int, weight: int, follows: int) -> int:
        """Make contexts of one state, one for each of `states`, the last first; return the longest, or `NONE`."""
        while states:
            made = self.take_context()
            if not made:
                return NONE
            state = 2 * made
            self.counts[made], self.suffixes[made] = 1, context
            self.symbols[state], self.weights[state], self.successors[state] = symbol, weight, follows
            self.successors[states.pop()] = context = made
        return context

    def _own_block(self, context: int) -> bool:
        """Make room for one more state; False without memory."""
        count = self.counts[context]
        if count & 1 and count > 1:
            return True
        kind = KIND_OF[count >> 1]
        if count > 1 and kind == KIND_OF[(count >> 1) + 1]:
            return True
        block = self.take(kind + 1 if count > 1 else 0)
        if not block:
            return False
        if count == 1:
            self.copy(2 * context, 2 * block, 1)
        else:
            self.copy(self.stats[context], 2 * block, count)
            self.free[kind].append(self.stats[context] // 2)
        self.stats[context] = 2 * block
        return True

    def _weigh_only(self, context: int, here: int) -> int:
        """Give the only state of a context the weight that it has beside a second one; return that of both."""
        first = self.stats[context]
        weight = self.weights[first]
        weight = 2 * weight if weight < MOST_WEIGHT // 4 - 1 else MOST_WEIGHT - 4
        self.weights[first] = weight
        return weight + self._escape_weight + (here > 3)

    def _append(self, context: int, symbol: int, weight: int, follows: int) -> None:
        """Add a state to a context whose block has room for it."""
        state = self.stats[context] + self.counts[context]
        self.symbols[state], self.weights[state], self.successors[state] = symbol, weight, follows
        self.counts[context] += 1


class ModelH(Model):
    """Variant H; `carryless` for the range coder of RAR."""

    ROWS = tuple(64 * (weight - 1) for weight in range(129))
    MOST_SINGLE = 128

    def _restart(self) -> None:
        super()._restart()
        starts = ESCAPE_STARTS * 8
        self._odds[:] = [(1 << SCALE_BITS) - start // (weight + 2) for weight in range(128) for start in starts]
        shift = PERIOD_BITS - 4
        self._escapes = [5 * slot + 10 << shift for slot in range(25) for _ in range(16)]
        self._escape_shifts, self._escape_counts = [shift] * 400, [4] * 400

    def _statistics(self, count: int, masked: int) -> int:
        if count == 256:
            return -1
        context, unseen = self._context, count - masked
        few = unseen < self.counts[self.suffixes[context]] - count
        sparse = self.sums[context] < 11 * count
        return 16 * UNSEEN_SLOTS[unseen - 1] + few + 2 * sparse + 4 * (masked > unseen) + HIGH[self._last]

    def _single_weight(self, weight: int, escapes: int) -> int:
        weight -= weight >> 1
        escapes >>= 1
        while escapes > 1:
            weight -= weight >> 1
            escapes >>= 1
        return weight

    def glue(self) -> None:
        """Join free blocks that lie side by side, up to 65535 units."""
        self._glue_in = 255
        order = [(block, UNITS_OF[kind]) for kind in range(KINDS) for block in reversed(self.free[kind])]
        order.reverse()
        units = dict(order)
        self.free = [[] for _ in UNITS_OF]
        for block, held in order:
            if block in units:
                while held + units.get(block + held, 1 << 16) < 1 << 16:
                    held += units.pop(block + held)
                units[block] = held
        self.refill(units)

    def _update(self) -> None:
        if self.high - self.low < self._reserve:
            self.make_room(self._reserve)
        follows = self._next()
        if follows:
            self._context = self._longest = follows
        else:
            self._restart()

    def _next(self) -> int:
        """Learn the state just found and return the context that follows; `NONE` without memory."""
        found, context = self._found, self._context
        weight, follows, shorter = self.weights[found], self.successors[found], self.suffixes[context]
        if weight < MOST_WEIGHT // 4 and shorter:
            self._raise_below(shorter, self._last)
        if not self._fall:
            self.successors[found] = made = self._successors([])
            return made
        link = self.write_text(self._last)
        if self.text_end >= self.text_limit:
            return NONE
        if not follows:
            self.successors[found], follows = link, context
        else:
            if follows < 0 and not (follows := self._successors([found])):
                return NONE
            self._fall -= 1
            if not self._fall:
                link = follows
                self.text_end -= self._longest != context
        return follows if self._learn(weight, link) else NONE

    def _successors(self, states: list[int]) -> int:
        """Make the context that the found state leads to, and those of the shorter contexts; `NONE` without memory."""
        symbols, counts, stats, successors, suffixes = (
            self.symbols, self.counts, self.stats, self.successors, self.suffixes
        )  # fmt: skip
        context, symbol, branch = self._context, self._last, successors[self._found]
        while suffixes[context]:
            context = suffixes[context]
            state = symbols.index(symbol, stats[context]) if counts[context] != 1 else 2 * context
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
            seen = self.weights[symbols.index(following, stats[context])] - 1
            others = self.sums[context] - counts[context] - seen
            if 2 * seen <= others:
                weight = 1 + (5 * seen > others)
            else:
                weight = 1 + (2 * seen + 3 * others - 1) // (2 * others)
        return self._hang(states, context, following, weight & 0xFF, branch - 1)

    def _learn(self, weight: int, link: int) -> bool:
        """Add the found state to the longer contexts that escaped; False without memory."""
        counts, sums, context, last = self.counts, self.sums, self._context, self._longest
        symbol, here = self._last, counts[context]
        others = sums[context] - here - (weight - 1)
        while last != context:
            count = counts[last]
            if not self._own_block(last):
                return False
            if count != 1:
                total = sums[last]
                total += (2 * count < here) + 2 * (4 * count <= here and total <= 8 * count)
            else:
                total = self._weigh_only(last, here)
            share, whole = 2 * weight * (total + 6), others + total
            if share < 6 * whole:
                share = 1 + (share > whole) + (share >= 4 * whole)
                total += 3
            else:
                share = 4 + (share >= 9 * whole) + (share >= 12 * whole) + (share >= 15 * whole)
                total += share
            sums[last] = total & 0xFFFF
            self._append(last, symbol, share, link)
            last = self.suffixes[last]
        return True


def run(model: Model, data: Reader, at: int, size: int) -> Decoded:
    """Return up to `size` bytes of the stream at an offset, and what kept it from more."""
    out, damage = bytearray(), None
    try:
        model.feed(data.read_at(at, data.size - at), 0)
        model.decode(out, size)
    except FormatError as error:
        damage = error.bare()
    return Decoded(out, -1 if damage else model.position, damage)


def decode(data: Reader, properties: bytes, size: int) -> Decoded:
    """Return up to `size` bytes of a 7z block; the properties are order and memory."""
    order, memory = properties[:1], int.from_bytes(properties[1:5], "little")
    if len(properties) < 5 or order[0] not in ORDERS or memory not in SIZES:
        raise Malformed("7z PPMd coder with impossible properties")
    return run(ModelH(order[0], memory, carryless=False), data, 0, size)
