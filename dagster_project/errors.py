"""The ways a run can fail, each with the exit code that ``lus`` ends with.

A message is one paragraph for a data engineer: what happened, where, and what to do. It never holds the value of a
person id, nor a row that could not be read.
"""


class LusError(Exception):
    """Something a user can act on. ``exit_code`` is what the command line ends with."""

    exit_code = 1


class NotServed(LusError):
    """A release could not be loaded into PostgreSQL: it is published all the same, and readers there see the last."""


class ModelsNotBuilt(LusError):
    """dbt could not run a model: the message says which, and why."""


class ConfigurationError(LusError):
    """Wrong use: a setting, an argument, a mapping file or a waiver that cannot be."""

    exit_code = 2


class ReferenceRowError(ConfigurationError):
    """A reference table holds a row that cannot be: the message names the table and the row."""


class DeliveryRejected(LusError):
    """A delivery was rejected whole: nothing of it enters the warehouse."""

    exit_code = 3


class DeliveryMissing(LusError):
    """A month between the region's first delivery and the release month has no delivery."""

    exit_code = 3


class GateBlocked(LusError):
    """A blocking check failed and no waiver holds: nothing was published."""

    exit_code = 4


class VerificationFailed(LusError):
    """A published release no longer agrees with its manifest."""

    exit_code = 4
