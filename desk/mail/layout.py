"""Lines of text built up from blocks, lists, quotes and tables, as a terminal shows them."""

from __future__ import annotations

_GRID_WIDTH = 160
_GRID_CELL = 60
_GRID_ROWS = 2_000
_RULE = "\u2014" * 24


class Block:
    """Lines in the making: words are set on the current line, blank lines never stack up."""

    __slots__ = ("_blank", "_last_indent", "_line", "_marker", "_space", "indent", "lines")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.indent = ""
        self._line: list[str] = []
        self._space = False
        self._blank = False
        self._marker = ""
        self._last_indent = ""

    def words(self, text: str) -> None:
        """Set running text; white space of any kind and length is one space."""
        words = text.split()
        if not words:
            self.space()
            return
        if self._line and (self._space or text[0].isspace()):
            self._line.append(" ")
        self._line.append(" ".join(words))
        self._space = text[-1].isspace()

    def space(self) -> None:
        """Set nothing but white space."""
        if self._line:
            self._space = True

    def mark(self, text: str) -> None:
        """Set a mark that belongs to the word before it."""
        if self._line:
            self._line.append(" ")
        self._line.append(text)
        self._space = False

    def position(self) -> tuple[int, int]:
        """Where the next words will be set, for `since`."""
        return len(self.lines), len(self._line)

    def since(self, position: tuple[int, int]) -> str:
        """The words set on the current line since then, '' if another line has begun."""
        lines, words = position
        return "".join(self._line[words:]).strip() if lines == len(self.lines) else ""

    def verbatim(self, text: str) -> None:
        """Set text whose line breaks and spaces count."""
        for number, part in enumerate(text.split("\n")):
            if number:
                self.line_break()
            if part:
                self._line.append(part)

    def end_line(self) -> None:
        """The next words begin a line."""
        if self._line:
            self._flush()
        self._space = False

    def line_break(self) -> None:
        """A line ends here, even an empty one."""
        if self._line:
            self._flush()
        else:
            self._blank = bool(self.lines)
        self._space = False

    def paragraph(self) -> None:
        """The next words begin a paragraph."""
        self.end_line()
        self._blank = bool(self.lines)

    def item(self, marker: str) -> None:
        """The next line carries a list's marker."""
        self.end_line()
        self._marker = marker

    def rule(self) -> None:
        self.end_line()
        self.add([_RULE])

    def add(self, lines: list[str]) -> None:
        """Set lines that are laid out already."""
        self.end_line()
        for given in lines:
            if given:
                self._set(given)
            else:
                self._blank = bool(self.lines)

    def _flush(self) -> None:
        self._set("".join(self._line))
        self._line.clear()

    def _set(self, given: str) -> None:
        indent = self.indent
        if self._blank:
            self.lines.append(min(indent, self._last_indent, key=len).rstrip())
            self._blank = False
        self._last_indent = indent
        if self._marker:
            if indent.endswith(" " * len(self._marker)):
                indent = indent[: -len(self._marker)]
            indent += self._marker
            self._marker = ""
        self.lines.append(indent + given.rstrip())


class Table:
    """Cells as they come in; a grid if each is a single line, else one below the other."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: list[list[Block]] = []

    def row(self) -> None:
        self.rows.append([])

    def cell(self) -> Block:
        if not self.rows:
            self.row()
        block = Block()
        self.rows[-1].append(block)
        return block

    def lines(self) -> list[str]:
        for row in self.rows:
            for cell in row:
                cell.end_line()
        rows = [[cell for cell in row if cell.lines] for row in self.rows]
        if self._is_grid(rows):
            return _grid(
                [
                    [cell.lines[0] if cell.lines else "" for cell in row]
                    for row in self.rows
                    if any(c.lines for c in row)
                ]
            )
        out: list[str] = []
        for row in rows:
            if (
                row
                and all(len(cell.lines) == 1 for cell in row)
                and sum(len(cell.lines[0]) for cell in row) < _GRID_WIDTH
            ):
                out.append("  ".join(cell.lines[0] for cell in row))
                continue
            for cell in row:
                out.extend(cell.lines)
                out.append("")
        return out

    @staticmethod
    def _is_grid(rows: list[list[Block]]) -> bool:
        filled = [row for row in rows if row]
        return (
            2 <= len(filled) <= _GRID_ROWS
            and sum(len(row) > 1 for row in filled) * 2 > len(filled)
            and all(len(cell.lines) == 1 and len(cell.lines[0]) <= _GRID_CELL for row in filled for cell in row)
        )


def _grid(rows: list[list[str]]) -> list[str]:
    columns = max(map(len, rows))
    widths = [max((len(row[index]) for row in rows if index < len(row)), default=0) for index in range(columns)]
    if sum(widths) > _GRID_WIDTH:
        return ["  ".join(filter(None, row)) for row in rows]
    kept = [index for index in range(columns) if widths[index]]
    return [
        "  ".join((row[index] if index < len(row) else "").ljust(widths[index]) for index in kept).rstrip()
        for row in rows
    ]
