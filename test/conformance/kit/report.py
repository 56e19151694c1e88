"""Counts what passed, and shows it by sentence and engine."""

import collections

PASS, FAIL, NOT_APPLICABLE = "pass", "FAIL", "n/a"


class Results:
    def __init__(self, tap):
        self.tap = tap
        self.count = 0
        self.failures = 0
        self.sentences = {}     # engine -> counts of PASS ...
        self.outcome = {}       # (engine, case name) -> (PASS ..., why)

    # ---- tests ----

    def _test(self, ok, name, why=""):
        self.count += 1
        self.failures += not ok
        if self.tap:
            print(f"{'ok' if ok else 'not ok'} {self.count} - {name}")
            for line in [] if ok else why.splitlines():
                print(f"# {line}")
        elif not ok:
            print(f"not ok: {name}\n    " + why.replace("\n", "\n    "))

    def passed(self, engine, case):
        self.outcome[engine, case.name] = (PASS, "")
        self._test(True, f"{engine}: {case.name}")

    def failed(self, engine, case, why):
        self.outcome[engine, case.name] = (FAIL, why)
        self._test(False, f"{engine}: {case.name}", why)

    def skip(self, engine, case, why):
        self.outcome[engine, case.name] = (NOT_APPLICABLE, why)
        if self.tap:
            self.count += 1
            print(f"ok {self.count} - {engine}: {case.name} # SKIP {why}")

    def sequence(self, seed, difference):
        self._test(difference is None, f"random calls, seed {seed}",
                   difference or "")

    def coverage(self, sentences, cases, engines):
        """Every sentence has a case that was played, or a reason."""
        self.sentences = {
            engine.name: collections.Counter(
                _status(self, sentence, cases, engine.name)[0]
                for sentence in sentences.values())
            for engine in engines}
        shown = {identifier for case in cases for identifier in case.shows}
        for identifier in sorted(shown - sentences.keys()):
            self._test(False, f"there is no sentence {identifier}")
        for engine in engines:
            silent = [
                sentence.id for sentence in sentences.values()
                if _status(self, sentence, cases, engine.name)[0] == ""]
            self._test(not silent, f"{engine.name}: every sentence has a case "
                       "or a reason", "without: " + ", ".join(silent))

    def finish(self):
        for engine, counts in self.sentences.items():
            print(f"# {engine}: {sum(counts.values())} sentences, " + ", ".join(
                f"{count} {status or 'without a case'}"
                for status, count in counts.items()))
        if self.tap:
            print(f"1..{self.count}")
        else:
            print(f"{self.count - self.failures} passed, "
                  f"{self.failures} failed")
        return 1 if self.failures else 0

    # ---- the table ----

    def table(self, sentences, cases, engines):
        """Sentences x engines, as text."""
        wide = max(len(identifier) for identifier in sentences)
        lines = [" ".join([f"{'sentence':{wide}}"]
                          + [f"{name:10}" for name in engines])]
        notes = []
        for sentence in sentences.values():
            row = f"{sentence.id:{wide}}"
            for engine in engines:
                status, why = _status(self, sentence, cases, engine)
                row += f" {status or 'none':10}"
                if why:
                    notes.append(f"{sentence.id}, {engine}: {why}")
            lines.append(f"{row} {sentence.text}")
        return "\n".join(lines + [""] + notes) + "\n"


def _status(results, sentence, cases, engine):
    """What the cases of a sentence have shown on an engine, and notes."""
    outcomes = [results.outcome.get((engine, case.name), ("", ""))
                for case in cases if sentence.id in case.shows]
    statuses = [status for status, why in outcomes]
    if FAIL in statuses:
        return FAIL, "; ".join(why for status, why in outcomes
                               if status == FAIL)
    if PASS in statuses:
        return PASS, ""
    reason = sentence.exempt.get(engine) or sentence.exempt.get("all")
    if reason or NOT_APPLICABLE in statuses:
        return NOT_APPLICABLE, reason or outcomes[0][1]
    return "", ""
