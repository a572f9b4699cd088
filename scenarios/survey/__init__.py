"""The survey: behaviour of a client that is measured and not judged."""

from refreshproof.scenarios.survey.item import Reading, SurveyItem, UnmeasurableError, Value
from refreshproof.scenarios.survey.measuring import Prober
from refreshproof.scenarios.survey.registry import FAMILIES, SURVEY

__all__ = ["FAMILIES", "SURVEY", "Prober", "Reading", "SurveyItem", "UnmeasurableError", "Value"]
