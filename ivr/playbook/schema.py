"""The YAML of a playbook as strict pydantic models: unknown keys are refused."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, field_validator, model_validator

from ivr.incident.model import Lang, Severity

Values = str | list[str]
Tests = dict[str, Values]
Rows = Tests | list[Tests]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Conditional(Strict):
    when: Rows | None = None
    unless: Rows | None = None

    @field_validator("when", "unless", mode="before")
    @classmethod
    def no_bare_booleans(cls, value: object) -> object:
        """YAML reads `yes` as true; a fact's value must be quoted."""
        rows = value if isinstance(value, list) else [value]
        for row in rows:
            if isinstance(row, dict) and any(isinstance(v, bool) for v in row.values()):
                message = 'write "yes" or "no" in quotes'
                raise ValueError(message)
        return value


class FirstYaml(Conditional):
    say: list[str] = Field(default_factory=list)
    ask: str | None = None


class StayYaml(Strict):
    lines: list[str] = Field(min_length=1)
    every_s: float = Field(gt=0, le=30)
    """At most 30 s of silence for a caller who cannot leave (safety 2.1.5)."""


class StepYaml(Conditional):
    id: str | None = None
    say: list[str] | None = None
    ask: str | None = None
    line: str | None = None
    patience_s: float | None = Field(default=None, gt=0)
    once: bool = False
    stay: StayYaml | None = None
    release: list[str] | None = None
    desk: bool = False
    transfer: str | None = None
    lines: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def exactly_one_action(self) -> "StepYaml":
        actions = [self.say, self.ask, self.stay, self.release, self.transfer]
        if sum(a is not None for a in actions) != 1:
            message = "a step is exactly one of say, ask, stay, release, transfer"
            raise ValueError(message)
        return self


class AlertYaml(Conditional):
    key: str
    roles: list[str] = Field(min_length=1)
    clauses: list[str] = Field(min_length=1)
    after_s: float | None = None
    desk: bool = False


class TaskYaml(Conditional):
    key: str
    clauses: list[str] = Field(min_length=1)
    roles: list[str] = Field(min_length=1)
    zh: str
    en: str
    due_s: float | None = None
    records: list[str] = Field(default_factory=list)
    consent: bool = False
    sheet: str | None = None


class LimitYaml(Conditional):
    within_s: float = Field(gt=0)
    lines: list[str] = Field(default_factory=list)


class RaiseYaml(Conditional):
    to: Severity


class PartYaml(Strict):
    line: str
    keys: dict[str, dict[str, str]] = Field(default_factory=dict)
    number: str | None = None
    place: bool = False


class QuestionYaml(Strict):
    slots: list[str] = Field(min_length=1)
    kind: Literal["yes_no", "place", "number", "choice", "open"]
    clauses: list[str] = Field(default_factory=list)
    source: str | None = None
    keys: list[PartYaml] = Field(default_factory=list)
    essential: bool = False
    unanswered: dict[str, str] = Field(default_factory=dict)


class LineYaml(Strict):
    clauses: list[str] = Field(default_factory=list)
    source: str | None = None
    when: str
    barge_in: bool = True

    @model_validator(mode="after")
    def backed(self) -> "LineYaml":
        if not self.clauses and not self.source:
            message = "name the clauses, the override or the source that back this line"
            raise ValueError(message)
        return self


class ReviewedYaml(Strict):
    by: str | None = None
    date: str | None = None


class PlaybookYaml(Strict):
    playbook: str
    category: str | None
    title: dict[Literal["zh", "en"], str]
    confirm: str | None = None
    key: str | None = None
    source: str
    reviewed: ReviewedYaml
    severity: Severity
    raises: list[RaiseYaml] = Field(default_factory=list, alias="raise")
    first: list[FirstYaml] = Field(min_length=1)
    steps: list[StepYaml]
    alerts: list[AlertYaml] = Field(default_factory=list)
    tasks: list[TaskYaml] = Field(default_factory=list)
    limits: list[LimitYaml] = Field(default_factory=list)
    quiet: Conditional | None = None
    questions: dict[str, QuestionYaml] = Field(default_factory=dict)
    lines: dict[str, LineYaml] = Field(default_factory=dict)
    policies: dict[str, str] = Field(default_factory=dict)


class SilenceYaml(Strict):
    after_s: float
    lines: list[str] = Field(default_factory=list)
    act: Literal["say", "person", "end"]


class DiversionYaml(Conditional):
    playbook: str


class CommonYaml(Strict):
    """`_common.yaml`: what every call shares."""

    phrases: dict[str, list[str]]
    lines: dict[str, LineYaml]
    timing: dict[str, float]
    silence: list[SilenceYaml]
    diversions: list[DiversionYaml]
    resolved: Conditional
    fallback: str
    silent: str
    none: str
    policies: dict[str, str] = Field(default_factory=dict)


class FactYaml(Strict):
    values: Literal["text", "number"] | list[str]
    means: str
    red: list[str] = Field(default_factory=list)
    hazard: bool = False


class ForbiddenYaml(RootModel[dict[Lang, dict[str, str]]]):
    """`forbidden.yaml`: language -> words that are never spoken -> why."""


class FactsYaml(RootModel[dict[str, FactYaml]]):
    """`facts.yaml`: the one vocabulary of facts."""


ClauseKind = Literal[
    "scope", "policy", "ask", "say", "notify", "approve", "record", "act", "forbid"
]


class ClauseYaml(Strict):
    kind: list[ClauseKind] = Field(min_length=1)
    by: Literal["assistant", "staff", "both", "policy"]
    quote: str


class OverrideYaml(Strict):
    level: str
    clauses: list[str] = Field(min_length=1)
    says: str


class ClausesYaml(Strict):
    """`clauses.yaml`: the plan's clauses and the overrides of its safety review."""

    clauses: dict[str, ClauseYaml]
    overrides: dict[str, OverrideYaml]
