"""`python -m tests.corpus --list`: the cases, counted by class; `--fuzz N`: N decodes compared."""

import argparse
from collections import Counter

from tests.corpus import corpus
from tests.corpus.case import Channel


def _show(cases: bool) -> None:
    """Counts by class and channel, or every case."""
    found = corpus.cases()
    if cases:
        for case in found:
            print(f"{case.id}\t{case.channel}\t{case.name}")
        return
    ways: tuple[Channel, ...] = ("kafka", "api", "file", "arguments")
    counts = Counter((case.family, case.name, case.channel) for case in found)
    print(f"{'class':<52}{'all':>6}" + "".join(f"{way:>11}" for way in ways))
    for family in corpus.FAMILIES:
        rows = [(name, [counts[family.name, name, way] for way in ways]) for name in family.table]
        _line(family.name, [sum(column) for column in zip(*(row for _, row in rows), strict=True)])
        for name, row in rows:
            _line(f"  {name}", row)
    _line("all", [sum(case.channel == way for case in found) for way in ways])


def _line(name: str, counts: list[int]) -> None:
    print(f"{name[:51]:<52}{sum(counts):>6}" + "".join(f"{count:>11}" for count in counts))


def main() -> None:
    """Do what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("--list", action="store_true", help="counts by class and channel")
    parser.add_argument("--cases", action="store_true", help="every case, one on a line")
    parser.add_argument(
        "--fuzz", type=int, metavar="N", help="compare N decodes of spoiled commands"
    )
    parser.add_argument("--seed", type=int, default=corpus.SEED)
    given = parser.parse_args()
    if given.list or given.cases:
        _show(given.cases)
    elif given.fuzz:
        from tests.corpus import fuzz

        raise SystemExit(fuzz.main(given.fuzz, given.seed))
    else:
        parser.print_help()


if __name__ == "__main__":
    main()
