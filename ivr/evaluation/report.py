"""Scores as one document and as tables for people."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ivr.evaluation.scores import (
    FIELDS,
    Judged,
    Scores,
    confusion,
    is_false_alarm,
    is_fatal,
    score,
    slot_f1,
)
from ivr.nlu.schema import PrecedenceFile

WORST = 20
_SHOWN = (
    ("rows", "rows"),
    ("accuracy", "accuracy"),
    ("macro_f1", "macro F1"),
    ("critical_rows", "critical"),
    ("critical_recall", "recall"),
    ("fatal_misses", "fatal"),
    ("false_alarms", "false al."),
    ("asked", "asked"),
    ("severity", "severity"),
    ("subtype", "subtype"),
    ("place_f1", "place F1"),
    ("people_f1", "people F1"),
)


def document(judged: Sequence[Judged], names: PrecedenceFile) -> dict[str, Any]:
    """Every figure of a run, ready for JSON; shares 0..1, times in milliseconds."""

    def scores(part: Sequence[Judged]) -> dict[str, Any]:
        return _rounded(score(part, names.quiet, names.nothing, names.fallback))

    langs = sorted({j.row.lang for j in judged})
    tags = sorted({n for j in judged for n in j.row.notes if not n.startswith("alt:")})
    return {
        "all": scores(judged),
        "by_lang": {lang: scores([j for j in judged if j.row.lang == lang]) for lang in langs},
        "by_tag": {tag: scores([j for j in judged if tag in j.row.notes]) for tag in tags},
        "slots": {key: round(slot_f1(judged, (key,)), 4) for key in FIELDS},
        "turn_ms": _times(judged),
        "confusion": [
            {"wanted": wanted, "got": got, "rows": count}
            for (wanted, got), count in sorted(
                confusion(judged).items(), key=lambda item: (-item[1], item[0])
            )
        ],
        "worst": [_shown(j, names) for j in worst(judged, names)],
    }


def worst(judged: Sequence[Judged], names: PrecedenceFile, count: int = WORST) -> list[Judged]:
    """Wrong rows, the most dangerous first: fatal, critical, false alarms, then the surest."""

    def danger(j: Judged) -> tuple[bool, bool, bool, float]:
        return (
            not is_fatal(j, names.quiet),
            j.row.severity != "critical",
            not _raised(j, names),
            -j.got.confidence,
        )

    return sorted((j for j in judged if not j.right), key=danger)[:count]


def as_text(report: Mapping[str, Any]) -> str:
    """The document as tables."""
    groups = [("all", report["all"]), *report["by_lang"].items()]
    groups += [(f"#{tag}", figures) for tag, figures in report["by_tag"].items()]
    parts = [_table(groups)]
    slots = ", ".join(f"{key} {value:.3f}" for key, value in report["slots"].items())
    parts.append(f"slot F1: {slots}")
    parts.append(f"understanding one turn: {_inline(report['turn_ms'])} ms")
    if report["confusion"]:
        parts.append("wrong rows, wanted -> best guess")
        parts += [f"  {c['rows']:4d}  {c['wanted']} -> {c['got']}" for c in report["confusion"]]
    if report["worst"]:
        parts.append("worst rows")
        parts += [_line(row) for row in report["worst"]]
    return "\n".join(parts)


def _table(groups: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    lines = [f"{'':<12}" + "".join(f"{title:>10}" for _, title in _SHOWN)]
    for name, figures in groups:
        cells = [figures[key] for key, _ in _SHOWN]
        written = [str(cell) if isinstance(cell, int) else f"{cell:.3f}" for cell in cells]
        lines.append(f"{name:<12}" + "".join(f"{cell:>10}" for cell in written))
    return "\n".join(lines)


def _line(row: Mapping[str, Any]) -> str:
    mark = "FATAL " if row["fatal"] else ""
    wanted = f"{row['category']} {row['severity']}"
    got = f"{row['got']} ({row['next']}: {', '.join(row['candidates'])})"
    said = row["text"] if row["heard"] == row["text"] else f"{row['text']} | heard: {row['heard']}"
    return f"  {row['id']:<11} {mark}{wanted} -> {got}  {said[:120]}"


def _shown(j: Judged, names: PrecedenceFile) -> dict[str, Any]:
    return {
        "id": j.row.id,
        "text": j.row.text,
        "heard": j.heard,
        "category": j.row.category,
        "severity": j.row.severity,
        "got": j.got.category,
        "next": j.got.next,
        "candidates": list(j.got.candidates),
        "confidence": round(j.got.confidence, 3),
        "fatal": is_fatal(j, names.quiet),
    }


def _raised(j: Judged, names: PrecedenceFile) -> bool:
    calm = (*names.quiet, names.fallback)
    return j.row.category == names.nothing and is_false_alarm(j, calm)


def _rounded(scores: Scores) -> dict[str, Any]:
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(scores).items()}


def _times(judged: Sequence[Judged]) -> dict[str, float]:
    took = sorted(j.took_s * 1000 for j in judged) or [0.0]
    return {
        "p50": round(took[len(took) // 2], 2),
        "p95": round(took[min(len(took) - 1, int(len(took) * 0.95))], 2),
        "max": round(took[-1], 2),
    }


def _inline(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{key} {value:g}" for key, value in figures.items())
