"""Reads C far enough to know its functions: where they are, how long, how nested, how many parameters.

Comments, strings and directives are understood, so that a brace in one of them counts for nothing. Of
#if and #else every branch is read from the same depth, so that a brace opened in both is counted once.
"""
import dataclasses
import re

TOKEN = re.compile(r"""
    (?P<blank>     \s+ | \\\n | /\*.*?\*/ | //(?:\\\n|[^\n])* )
  | (?P<directive> \#(?: \\\n | /\*.*?\*/ | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | [^\n] )* )
  | (?P<text>      (?:u8|[uUL])?" (?:\\.|[^"\\\n])* " | [uUL]?' (?:\\.|[^'\\\n])* ' )
  | (?P<word>      [A-Za-z_]\w* )
  | (?P<number>    \.?\d (?: [eEpP][+-] | [\w.] )* )
  | (?P<mark>      . )
""", re.VERBOSE | re.DOTALL)

CONDITIONAL = re.compile(r"#\s*(if|ifdef|ifndef|elif|else|endif)\b")
BEFORE_BLOCK = {"if", "for", "while", "switch"}


@dataclasses.dataclass
class Token:
    kind: str
    text: str
    line: int


@dataclasses.dataclass
class Function:
    name: str
    line: int
    parameters: int
    lines: int = 0
    nesting: int = 0


def tokens(source):
    """All tokens but blanks and comments."""
    line = 1
    for match in TOKEN.finditer(source):
        if match.lastgroup != "blank":
            yield Token(match.lastgroup, match.group(), line)
        line += match.group().count("\n")


def opening_of(header, closing):
    """The index of the parenthesis that header[closing] closes, or -1."""
    depth = 0
    for i in range(closing, -1, -1):
        if header[i].text == ")":
            depth += 1
        elif header[i].text == "(":
            depth -= 1
            if depth == 0:
                return i
    return -1


def without_attributes(header):
    """Drops what may stand between the parameters and the body."""
    while header and header[-1].text == ")":
        opening = opening_of(header, len(header) - 1)
        if opening < 1 or header[opening - 1].text != "__attribute__":
            break
        header = header[:opening - 1]
    return header


def parameter_count(inner):
    if not inner or [token.text for token in inner] == ["void"]:
        return 0
    depth = 0
    commas = 0
    for token in inner:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "," and depth == 0:
            commas += 1
    return commas + 1


def function_of(header):
    """The function whose body opens after these tokens; None where it is no function."""
    header = without_attributes(header)
    if not header or header[-1].text != ")" or any(token.text == "=" for token in header):
        return None
    opening = opening_of(header, len(header) - 1)
    if opening < 1:
        return None
    name = header[opening - 1]
    if name.kind == "word":
        return Function(name.text, header[0].line, parameter_count(header[opening + 1:-1]))
    # What gives a pointer to a function has its own parameters further inside.
    for i in range(2, opening):
        if header[i].text == "(" and header[i - 1].kind == "word" and header[i - 2].text == "*":
            end = next(j for j in range(i, len(header)) if opening_of(header, j) == i)
            return Function(header[i - 1].text, header[0].line, parameter_count(header[i + 1:end]))
    return None


class Reader:
    """Follows braces and parentheses; `functions` holds what was found."""

    def __init__(self):
        self.functions = []
        self.function = None
        self.header = []
        self.braces = []  # what each open brace holds: "body", "block" or "values"
        self.openers = []  # for each open parenthesis the word before it
        self.closed = ""  # the word before the parenthesis that was closed last
        self.previous = None
        self.branches = []

    def state(self):
        return (self.function, list(self.header), list(self.braces), list(self.openers))

    def conditional(self, word):
        if word.startswith("if"):
            self.branches.append(self.state())
        elif word == "endif":
            if self.branches:
                self.branches.pop()
        elif self.branches:
            self.function, header, braces, openers = self.branches[-1]
            self.header, self.braces, self.openers = list(header), list(braces), list(openers)

    def opens_block(self):
        if self.braces[-1] == "values":
            return False
        before = self.previous.text if self.previous else ""
        if before == ")":
            return self.closed in BEFORE_BLOCK or self.closed.endswith("FOREACH")
        return before in {"else", "do", ";", "{", "}", ":"}

    def open_brace(self):
        if not self.braces:
            self.function = function_of(self.header)
            self.braces.append("body" if self.function else "values")
            return
        self.braces.append("block" if self.opens_block() else "values")
        if self.function:
            self.function.nesting = max(self.function.nesting, self.braces.count("block"))

    def close_brace(self, line):
        if self.braces:
            self.braces.pop()
        if self.braces:
            return
        if self.function:
            self.function.lines = line - self.function.line + 1
            self.functions.append(self.function)
            self.function = None
        self.header = []

    def read(self, token):
        if token.kind == "directive":
            match = CONDITIONAL.match(token.text)
            if match:
                self.conditional(match.group(1))
            return
        if token.text == "{":
            self.open_brace()
        elif token.text == "}":
            self.close_brace(token.line)
        elif not self.braces:
            self.header = [] if token.text == ";" else self.header + [token]
        if token.text == "(":
            self.openers.append(self.previous.text if self.previous else "")
        elif token.text == ")" and self.openers:
            self.closed = self.openers.pop()
        self.previous = token


def functions(source):
    """The functions of a C source text, in the order of their ends."""
    reader = Reader()
    for token in tokens(source):
        reader.read(token)
    return reader.functions
