"""Sightings × signatures → findings. Pure: no disk, no clock, no order of input that matters."""

from inspector.classify.addresses import AddressBook
from inspector.classify.engine import Classified, classify
from inspector.classify.index import Hit, Index
from inspector.model.address import AddressFacts

__all__ = ["AddressBook", "AddressFacts", "Classified", "Hit", "Index", "classify"]
