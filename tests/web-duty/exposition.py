"""Reads Prometheus' text format 0.0.4 strictly, and says what promtool (`promtool check metrics`) would complain of.

    faults, samples = check(text)
    samples["hinomi_up"][(("duty", "keeper"),)]     # 1.0
"""
import re

NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?[0-9]+(?:\.[0-9]+)?)\Z")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|\Z)')
TYPES = {"counter", "gauge"}
# Base units, and what promtool takes for others or for abbreviations of them.
UNITS = {"seconds", "bytes"}
OTHER_UNITS = {"milliseconds", "microseconds", "minutes", "hours", "days", "kilobytes", "megabytes", "bits"}
ABBREVIATIONS = {"s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb"}


class Reader:
    def __init__(self):
        self.faults = []
        self.samples = {}
        self.helps = {}
        self.types = {}
        self.family = None

    def fault(self, line, what):
        self.faults.append(f"{what}: {line[:200]}")

    def comment(self, line):
        parts = line.split(" ", 3)
        if len(parts) < 3 or parts[1] not in ("HELP", "TYPE"):
            return  # a remark
        kind, name = parts[1], parts[2]
        rest = parts[3] if len(parts) > 3 else ""
        if kind == "HELP":
            if name in self.helps:
                self.fault(line, "a family twice")
            if not rest:
                self.fault(line, "no help text")
            self.helps[name] = rest
            self.family = name
            self.samples.setdefault(name, {})
            self.name(name, line)
        elif name != self.family or name in self.types or rest not in TYPES:
            self.fault(line, "a type in a wrong place, or a wrong one")
        else:
            self.types[name] = rest
            if (rest == "counter") != name.endswith("_total"):
                self.fault(line, "counters, and they alone, end on _total")

    def name(self, name, line):
        words = name.removesuffix("_total").split("_")
        if not NAME.match(name) or not name.startswith("hinomi_"):
            self.fault(line, "a name of another form")
        if set(words) & (OTHER_UNITS | ABBREVIATIONS):
            self.fault(line, "not a base unit")
        if any(word in UNITS for word in words[:-1]):
            self.fault(line, "a unit that is not at the end")
        if set(words) & {"counter", "gauge", "total"}:
            self.fault(line, "a type in a name")

    def labels(self, text, line):
        labels = []
        while text:
            match = LABEL.match(text)
            if not match:
                self.fault(line, "labels that cannot be read")
                return ()
            value = re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), match[2])
            labels.append((match[1], value))
            text = text[match.end():]
        if len({name for name, _ in labels}) != len(labels):
            self.fault(line, "a label twice")
        return tuple(labels)

    def sample(self, line):
        match = SAMPLE.match(line)
        if not match:
            self.fault(line, "no sample")
            return
        if match[1] != self.family or match[1] not in self.types:
            self.fault(line, "a sample outside of its family")
            return
        labels = self.labels(match[2] or "", line)
        known = self.samples[match[1]]
        if labels in known:
            self.fault(line, "a sample twice")
        if known and {name for name, _ in next(iter(known))} != {name for name, _ in labels}:
            self.fault(line, "other labels than those of its family")
        known[labels] = float(match[3])


def check(text):
    reader = Reader()
    if not text.endswith("\n"):
        reader.fault(text[-80:], "the last line does not end")
    for line in text.split("\n")[:-1]:
        if line.startswith("#"):
            reader.comment(line)
        elif not line:
            reader.fault(line, "an empty line")
        else:
            reader.sample(line)
    for name in set(reader.helps) - set(reader.types):
        reader.fault(name, "no type")
    for name in reader.types:  # OpenMetrics names a counter's family without its end
        if name.endswith("_total") and name.removesuffix("_total") in reader.types:
            reader.fault(name, "a counter and something else of one name")
    return reader.faults, reader.samples
