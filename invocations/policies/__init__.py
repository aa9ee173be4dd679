"""Policies: documents compiled once, questions answered by AWS's rules, each answer with the statement that gave it. No
database, no Redis, no clock: what is known comes in as arguments."""

from invocations.policies.context import EMPTY, Context
from invocations.policies.documents import Effect, Mismatch, Policy, Question, Statement, parse, parse_text
from invocations.policies.errors import MalformedPolicy
from invocations.policies.evaluate import Examined, Layer, Policies, Verdict, evaluate
from invocations.policies.sentences import refusal

__all__ = [
    "EMPTY",
    "Context",
    "Effect",
    "Examined",
    "Layer",
    "MalformedPolicy",
    "Mismatch",
    "Policies",
    "Policy",
    "Question",
    "Statement",
    "Verdict",
    "evaluate",
    "parse",
    "parse_text",
    "refusal",
]
