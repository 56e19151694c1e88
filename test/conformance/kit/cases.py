"""Reads the files of sentences and of cases; README.md describes both."""

import dataclasses
import re


class BadFile(Exception):
    """A file that does not follow README.md."""


@dataclasses.dataclass
class Sentence:
    id: str
    text: str
    exempt: dict            # engine, or "all" -> why no case applies


@dataclasses.dataclass
class Step:
    line: int
    connection: str
    words: str              # what is done, "" to collect what was started
    expected: list          # rows, None for whatever comes
    among: list             # rows that must be among those that come
    failure: str = None     # what is expected to go wrong
    waits: bool = False     # goes on while the next steps are done


@dataclasses.dataclass
class Case:
    file: str
    line: int
    title: str
    shows: list
    settings: dict
    exempt: dict
    steps: list

    @property
    def name(self):
        return f"{self.file}: {self.title}"


def read_sentences(path):
    sentences = {}
    last = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] in " \t":
            if last is None or ": " not in line:
                raise BadFile(f"{path.name}:{number}: why on which engine?")
            last.exempt.update(_exempt(line.strip()))
            continue
        identifier, text = line.split(None, 1)
        if identifier in sentences:
            raise BadFile(f"{path.name}:{number}: {identifier} again")
        last = sentences[identifier] = Sentence(identifier, text, {})
    return sentences


def _exempt(text):
    engines, reason = text.split(": ", 1)
    return dict.fromkeys(engines.split(", "), reason)


def read_cases(path):
    cases = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        try:
            _read_line(path.stem, cases, number, line)
        except (ValueError, IndexError) as error:
            raise BadFile(f"{path.name}:{number}: {error}: {line}") from None
    return cases


def _read_line(file, cases, number, line):
    if not line.strip() or line.lstrip().startswith("#"):
        return
    if line[0] not in " \t":
        word, rest = line.split(": ", 1)
        if word == "case":
            cases.append(Case(file, number, rest, [], {}, {}, []))
        elif word == "shows":
            cases[-1].shows += rest.split()
        elif word == "with":
            name, value = rest.split(" = ")
            cases[-1].settings[name] = value
        elif word == "except":
            cases[-1].exempt.update(_exempt(rest))
        else:
            raise ValueError(f"unknown word {word}")
        return

    line, steps = line.strip(), cases[-1].steps
    if line == "...":
        steps[-1].waits = True
    elif line.startswith("! "):
        steps[-1].failure = line[2:]
    elif line == "= nothing":
        steps[-1].expected = []
    elif line.startswith("= "):
        row = line[2:].split(" | ")
        steps[-1].expected = (steps[-1].expected or []) + [row]
    elif line.startswith("~ "):
        steps[-1].among.append(line[2:].split(" | "))
    else:
        connection, words = re.fullmatch(
            r"(?:([b-z]):(?: |$))?(.*)", line).groups()
        steps.append(Step(number, connection or "a", words, None, []))
